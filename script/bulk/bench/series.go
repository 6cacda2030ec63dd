//go:build linux

package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// script is ferry run with a script of transfers: one line a file, or one line
// a directory, as people write them.
func script(name, verb string, flags ...string) client {
	return client{name: name, args: func(t task) ([]string, error) {
		var b strings.Builder
		up := strings.HasSuffix(verb, "put")
		fmt.Fprintf(&b, "open ftp://%s@%s/\n", t.server.User, t.server.Address)
		if !up {
			fmt.Fprintf(&b, "lmkdir -p %s\n", t.local)
		}
		var dirs []string
		for _, f := range t.files {
			if dir := path.Dir(f); !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
		for _, dir := range dirs {
			if up {
				fmt.Fprintf(&b, "mkdir -p %s\n", path.Join(t.remote, dir))
			} else {
				fmt.Fprintf(&b, "lmkdir -p %s\n", filepath.Join(t.local, dir))
			}
		}
		fmt.Fprintf(&b, "lcd %s\ncd %s\n", t.local, t.remote)
		switch verb {
		case "mput", "mget":
			for _, dir := range dirs {
				fmt.Fprintf(&b, "%s %s -O %s\n", verb, path.Join(dir, "*"), dir)
			}
		default:
			for _, f := range t.files {
				fmt.Fprintf(&b, "%s %s %s\n", verb, f, f)
			}
		}
		file := filepath.Join(t.w.dir, "series.ftp")
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			return nil, err
		}
		args := append([]string{t.w.options.Ferry, "run", "-q"}, flags...)
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "%D", t.w.dir)
		}
		return append(args, file), nil
	}}
}

// series are the same files by many lines and by few, with a report and
// without: a line of its own must cost no more than a file does.
func series(up bool) []client {
	one, many := "get", "mget"
	if up {
		one, many = "put", "mput"
	}
	return []client{
		script(many, many), script(one+" lines", one),
		script(many+", report", many, "--report", "%D/report.json"), script(one+" lines, report", one, "--report", "%D/report.json"),
	}
}
