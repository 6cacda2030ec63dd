//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ferry/serve/bench/peers"
)

// task is what a client is asked to do.
type task struct {
	w      *world
	server *peers.Server
	remote string   // a file or directory on the server, relative to where one is after login
	local  string   // its counterpart here
	files  []string // of a tree: relative to both, for clients that want to be told
}

// client makes the command for a task; nil if the program is not installed
// or can't do this.
type client struct {
	name  string
	args  func(t task) ([]string, error)
	drops bool // nothing of what it moves is kept, nor compared
}

// using looks a program up, and leaves the client out where it is missing.
func using(name string, args func(program string, t task) ([]string, error)) func(task) ([]string, error) {
	return func(t task) ([]string, error) {
		program := t.w.options.Program(name)
		if program == "" {
			return nil, nil
		}
		return args(program, t)
	}
}

// ferry is the client that is measured. verb and flags are those of its
// one-shots; the password travels in the environment. It is told to be silent,
// as the others are.
func ferry(name, verb string, flags ...string) client {
	return client{name: name, args: func(t task) ([]string, error) {
		url := fmt.Sprintf("ftp://%s@%s/%s", t.server.User, t.server.Address, t.remote)
		args := append([]string{t.w.options.Ferry, verb, "--set", "quiet=on"}, flags...)
		switch verb {
		case "get":
			return append(args, url, "-o", t.local), nil
		case "put":
			return append(args, t.local, url), nil
		default: // mirror: from, to
			if strings.Contains(name, "up") {
				return append(args, t.local, url), nil
			}
			return append(args, url, t.local), nil
		}
	}}
}

// lftp runs a line of its language, in which %R and %L stand for the two sides.
func lftp(name, line string) client {
	return client{name: name, args: using("lftp", func(program string, t task) ([]string, error) {
		line := strings.NewReplacer("%R", t.remote, "%L", t.local).Replace(line)
		return []string{program, "--norc", "-c", fmt.Sprintf(
			"set ftp:ssl-allow no; set ftp:sync-mode off; set net:max-retries 3; open -u %s,%s ftp://%s; %s",
			t.server.User, t.server.Password, t.server.Address, line)}, nil
	})}
}

func rclone(name string, up bool) client {
	return client{name: name, args: using("rclone", func(program string, t task) ([]string, error) {
		host, port, _ := strings.Cut(t.server.Address, ":")
		remote := ":ftp:" + t.remote
		from, to := remote, t.local
		if up {
			from, to = to, from
		}
		// --ftp-pass wants its own disguise, which `rclone obscure` makes.
		return []string{"/bin/sh", "-c", `pass=$("$0" obscure "$1"); shift; exec "$0" --ftp-pass "$pass" "$@"`,
			program, t.server.Password, "--config", "/dev/null", "--ftp-host", host, "--ftp-port", port,
			"--ftp-user", t.server.User, "--transfers", "8", "copy", from, to}, nil
	})}
}

// curlParallel names every file, since curl lists nothing.
func curlParallel(name string, up bool) client {
	return client{name: name, args: using("curl", func(program string, t task) ([]string, error) {
		var b strings.Builder
		for _, f := range t.files {
			if up {
				fmt.Fprintf(&b, "upload-file = %q\n", filepath.Join(t.local, f))
			} else {
				fmt.Fprintf(&b, "output = %q\n", filepath.Join(t.local, f))
			}
			fmt.Fprintf(&b, "url = %q\n", t.server.URL(t.remote+"/"+f))
		}
		config := filepath.Join(t.w.dir, "curl.config")
		if err := os.WriteFile(config, []byte(b.String()), 0o600); err != nil {
			return nil, err
		}
		return []string{program, "-sS", "--parallel", "--parallel-max", "8", "--create-dirs", "--ftp-create-dirs", "-K", config}, nil
	})}
}

// single is a client that moves one file; %R stands for its URL, %L for the file here.
func single(name, program string, args ...string) client {
	return client{name: name, args: using(program, func(path string, t task) ([]string, error) {
		fill := strings.NewReplacer("%R", t.server.URL(t.remote), "%L", t.local, "%D", filepath.Dir(t.local), "%N", filepath.Base(t.local),
			"%H", hostOf(t.server), "%P", portOf(t.server), "%U", t.server.User, "%W", t.server.Password, "%r", t.remote)
		out := []string{path}
		for _, a := range args {
			out = append(out, fill.Replace(a))
		}
		return out, nil
	})}
}

func hostOf(s *peers.Server) string { host, _, _ := strings.Cut(s.Address, ":"); return host }
func portOf(s *peers.Server) string { _, port, _ := strings.Cut(s.Address, ":"); return port }

// names are a tree's files, sorted.
func names(sums map[string][32]byte) []string {
	var all []string
	for name := range sums {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
