//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// server is one that runs.
type server struct {
	name, user, password string
	address              string // host:port
	cmd                  *exec.Cmd
	said                 *bytes.Buffer
}

func (s *server) url(path string) string {
	return fmt.Sprintf("ftp://%s:%s@%s/%s", s.user, s.password, s.address, path)
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	gone := time.AfterFunc(2*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer gone.Stop()
	_ = s.cmd.Wait()
}

// recipe says how a server is started: its arguments, given the address it
// takes connections at.
type recipe struct {
	name           string
	user, password string
	env            []string
	args           func(w *world, port string) ([]string, error) // nil: not installed
}

func recipes() map[string]recipe {
	return map[string]recipe{
		"vsftpd":      {user: "anonymous", password: "x", args: vsftpd},
		"proftpd":     {user: "demo", password: "secret", args: proftpd},
		"pure-ftpd":   {user: "demo", password: "secret", args: pureFTPd},
		"pyftpdlib":   {user: "demo", password: "secret", args: pyftpdlib},
		"ferry":       {user: "demo", password: "secret", env: []string{"FERRY_PASSWORD=secret"}, args: ferryServe},
		"ferry cubic": {user: "demo", password: "secret", env: []string{"FERRY_PASSWORD=secret"}, args: ferryCubic},
	}
}

// start brings a server up, or returns nil when it is not installed.
func (w *world) start(name, address string) (*server, error) {
	r, ok := recipes()[name]
	if !ok {
		return nil, fmt.Errorf("no server is called %s", name)
	}
	const port = "2121"
	args, err := r.args(w, port)
	if args == nil || err != nil {
		return nil, err
	}
	s := &server{name: name, user: r.user, password: r.password, address: address + ":" + port, said: &bytes.Buffer{}}
	s.cmd = within(context.Background(), w.server, args...)
	s.cmd.Env = append(os.Environ(), append(r.env, "XDG_STATE_HOME="+filepath.Join(w.dir, "state"))...)
	s.cmd.Stdout, s.cmd.Stderr = s.said, s.said
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := listening(w.server, s.address); err != nil {
		s.stop()
		return nil, fmt.Errorf("%s: %w\n%s", name, err, s.said)
	}
	return s, nil
}

func (w *world) write(name string, lines ...string) (string, error) {
	path := filepath.Join(w.dir, name)
	return path, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

func ferryServe(w *world, port string) ([]string, error) {
	return []string{w.ferry, "serve", w.served(), "--listen", ":" + port, "--user", "demo", "--tls", "off",
		"--run-as", "root", "--log", filepath.Join(w.dir, "ferry.log")}, nil
}

func ferryCubic(w *world, port string) ([]string, error) {
	args, err := ferryServe(w, port)
	return append(args, "--congestion", "cubic"), err
}

func vsftpd(w *world, port string) ([]string, error) {
	program := w.program("vsftpd")
	if program == "" {
		return nil, nil
	}
	empty := filepath.Join(w.dir, "empty")
	if err := os.MkdirAll(empty, 0o755); err != nil {
		return nil, err
	}
	config, err := w.write("vsftpd.conf",
		"listen=YES", "listen_port="+port, "background=NO", "anonymous_enable=YES", "local_enable=NO", "write_enable=YES",
		"anon_root="+w.served(), "anon_upload_enable=YES", "anon_mkdir_write_enable=YES", "anon_other_write_enable=YES",
		"anon_world_readable_only=NO", "anon_umask=022", "run_as_launching_user=YES", "allow_writeable_chroot=YES",
		"seccomp_sandbox=NO", "xferlog_enable=NO", "secure_chroot_dir="+empty)
	return []string{program, config}, err
}

func proftpd(w *world, port string) ([]string, error) {
	program, passwd := w.program("proftpd"), w.program("ftpasswd")
	if program == "" || passwd == "" {
		return nil, nil
	}
	users, id := filepath.Join(w.dir, "proftpd.passwd"), fmt.Sprint(unprivileged)
	add := exec.Command(passwd, "--passwd", "--stdin", "--name", "demo", "--uid", id, "--gid", id,
		"--home", w.served(), "--shell", "/bin/sh", "--file", users)
	add.Stdin = strings.NewReader("secret\n")
	if out, err := add.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("ftpasswd: %w: %s", err, out)
	}
	config, err := w.write("proftpd.conf",
		"ServerName bench", "ServerType standalone", "DefaultServer on", "Port "+port, "DefaultAddress 0.0.0.0", "UseIPv6 off",
		"User nobody", "Group nogroup", "AuthOrder mod_auth_file.c", "AuthUserFile "+users, "RequireValidShell off",
		"DefaultRoot ~", "AllowOverwrite on", "AllowStoreRestart on", "AllowRetrieveRestart on", "UseReverseDNS off",
		"PidFile "+w.dir+"/proftpd.pid", "ScoreboardFile "+w.dir+"/proftpd.score", "DelayTable none", "WtmpLog off",
		"TransferLog none", "SystemLog "+w.dir+"/proftpd.log", "MaxInstances 60",
		"<IfModule mod_delay.c>", "DelayEngine off", "</IfModule>")
	return []string{program, "-n", "-c", config}, err
}

func pureFTPd(w *world, port string) ([]string, error) {
	program, pw := w.program("pure-ftpd"), w.program("pure-pw")
	if program == "" || pw == "" {
		return nil, nil
	}
	db, id := filepath.Join(w.dir, "pure.pdb"), fmt.Sprint(unprivileged)
	add := exec.Command(pw, "useradd", "demo", "-u", id, "-g", id, "-d", w.served(), "-f", filepath.Join(w.dir, "pure.passwd"), "-m", "-F", db)
	add.Stdin = strings.NewReader("secret\nsecret\n")
	if out, err := add.CombinedOutput(); err != nil && !bytes.Contains(out, []byte("already exists")) {
		return nil, fmt.Errorf("pure-pw: %w: %s", err, out)
	}
	return []string{program, "-S", "0.0.0.0," + port, "-l", "puredb:" + db, "-E", "-u", "1", "-H", "-C", "30", "-c", "60",
		"-g", filepath.Join(w.dir, "pure.pid")}, nil
}

func pyftpdlib(w *world, port string) ([]string, error) {
	python := w.program("python3")
	if python == "" || exec.Command(python, "-c", "import pyftpdlib").Run() != nil {
		return nil, nil
	}
	return []string{python, "-m", "pyftpdlib", "-i", "0.0.0.0", "-p", port, "-w", "-u", "demo", "-P", "secret", "-d", w.served()}, nil
}
