package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// server is a running server of another project.
type server struct {
	url string    // ftp://user@host:port, without the password
	dir string    // what it serves
	cmd *exec.Cmd // its process; nil: nobody starts it again
}

// foreignServers are the servers that `ferry run` must work with.
func foreignServers() map[string]func(*testing.T) server {
	return map[string]func(*testing.T) server{
		"vsftpd":    vsftpd,
		"proftpd":   proftpd,
		"pure-ftpd": pureFTPd,
		"pyftpdlib": pyftpdlib,
	}
}

const nobody = 65534

// served makes the directory that a server serves; below /tmp, so that users
// other than ours can walk to it.
func served(t *testing.T, uid int) string {
	t.Helper()
	base, err := os.MkdirTemp("/tmp", "ferry-peer")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	dir := filepath.Join(base, "served")
	for _, err := range []error{os.Chmod(base, 0o755), os.Mkdir(dir, 0o755), os.Chown(dir, uid, uid)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "root, which this server wants to start,")
	}
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func vsftpd(t *testing.T) server { return vsftpdAt(t, localhost) }

// vsftpdAt starts one at an address, with more lines of configuration.
func vsftpdAt(t *testing.T, host string, more ...string) server {
	bin := peer(t, "vsftpd")
	dir, port := served(t, os.Geteuid()), freePort(t)
	empty := filepath.Join(filepath.Dir(dir), "empty")
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	conf := writeFile(t, filepath.Join(filepath.Dir(dir), "vsftpd.conf"), strings.Join(append([]string{
		"listen=YES", "listen_address=" + host, "listen_port=" + strconv.Itoa(port), "background=NO",
		"anonymous_enable=YES", "local_enable=NO", "write_enable=YES", "anon_root=" + dir,
		"anon_upload_enable=YES", "anon_mkdir_write_enable=YES", "anon_other_write_enable=YES",
		"anon_world_readable_only=NO", "anon_umask=022", "run_as_launching_user=YES",
		"allow_writeable_chroot=YES", "seccomp_sandbox=NO", "xferlog_enable=NO", "secure_chroot_dir=" + empty,
	}, append(more, "")...), "\n"))
	cmd := command(t, bin, conf)
	daemon(t, cmd)
	addr := fmt.Sprintf("%s:%d", host, port)
	greets(t, addr)
	return server{url: "ftp://anonymous@" + addr, dir: dir, cmd: cmd}
}

func proftpd(t *testing.T) server { return proftpdAt(t, localhost) }

func proftpdAt(t *testing.T, host string, more ...string) server {
	needRoot(t)
	bin, passwd := peer(t, "proftpd"), peer(t, "ftpasswd")
	dir, port := served(t, nobody), freePort(t)
	base := filepath.Dir(dir)
	users := filepath.Join(base, "passwd")
	add := command(t, passwd, "--passwd", "--stdin", "--name", "demo", "--uid", strconv.Itoa(nobody),
		"--gid", strconv.Itoa(nobody), "--home", dir, "--shell", "/bin/sh", "--file", users)
	add.Stdin = strings.NewReader("secret\n")
	output(t, add)
	conf := writeFile(t, filepath.Join(base, "proftpd.conf"), strings.Join(append([]string{
		"ServerName test", "ServerType standalone", "DefaultServer on", "Port " + strconv.Itoa(port),
		"DefaultAddress " + host, "UseIPv6 off", "User nobody", "Group nogroup",
		"AuthOrder mod_auth_file.c", "AuthUserFile " + users, "RequireValidShell off", "DefaultRoot ~",
		"AllowOverwrite on", "AllowStoreRestart on", "AllowRetrieveRestart on", "UseReverseDNS off",
		"PidFile " + base + "/pid", "ScoreboardFile " + base + "/score", "DelayTable none", "WtmpLog off",
		"TransferLog none", "SystemLog " + base + "/log", "MaxInstances 60",
		"<IfModule mod_delay.c>", "DelayEngine off", "</IfModule>",
	}, append(more, "")...), "\n"))
	cmd := command(t, bin, "-n", "-c", conf)
	daemon(t, cmd)
	addr := fmt.Sprintf("%s:%d", host, port)
	greets(t, addr)
	return server{url: "ftp://demo@" + addr, dir: dir, cmd: cmd}
}

func pureFTPd(t *testing.T) server { return pureFTPdWith(t) }

func pureFTPdWith(t *testing.T, flags ...string) server {
	needRoot(t)
	bin, pw := peer(t, "pure-ftpd"), peer(t, "pure-pw")
	dir, port := served(t, nobody), freePort(t)
	base := filepath.Dir(dir)
	db := filepath.Join(base, "pure.pdb")
	add := command(t, pw, "useradd", "demo", "-u", strconv.Itoa(nobody), "-g", strconv.Itoa(nobody),
		"-d", dir, "-f", filepath.Join(base, "pure.passwd"), "-m", "-F", db)
	add.Stdin = strings.NewReader("secret\nsecret\n")
	output(t, add)
	cmd := command(t, bin, append([]string{"-S", "127.0.0.1," + strconv.Itoa(port), "-l", "puredb:" + db, "-E", "-u", "1", "-H",
		"-C", "30", "-c", "60", "-g", filepath.Join(base, "pid")}, flags...)...)
	daemon(t, cmd)
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	greets(t, addr)
	return server{url: "ftp://demo@" + addr, dir: dir, cmd: cmd}
}

func pyftpdlib(t *testing.T) server {
	python := peer(t, "python3")
	if command(t, python, "-c", "import pyftpdlib").Run() != nil {
		missing(t, "pyftpdlib")
	}
	dir, port := served(t, os.Geteuid()), freePort(t)
	cmd := command(t, python, "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", strconv.Itoa(port),
		"-w", "-u", "demo", "-P", "secret", "-d", dir)
	daemon(t, cmd)
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	greets(t, addr)
	return server{url: "ftp://demo@" + addr, dir: dir, cmd: cmd}
}

func eachServer(t *testing.T, f func(t *testing.T, s server)) {
	for name, start := range foreignServers() {
		t.Run(name, func(t *testing.T) { f(t, start(t)) })
	}
	t.Run("ferry", func(t *testing.T) {
		dir := t.TempDir()
		f(t, server{url: "ftp://demo@" + ferryServe(t, dir), dir: dir})
	})
}

// TestRunTree uploads a tree of hard names and many small files, twice, so
// that the second run replaces every file, and downloads it again.
func TestRunTree(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		base, back := t.TempDir(), t.TempDir()
		src := filepath.Join(base, "tree")
		want := tree(t, src, hardNames(), scale(5000, 200))
		up := fmt.Sprintf("open %s\nlcd %q\nput -r tree\n", s.url, base)
		mustRun(t, up)
		sameFiles(t, "server", digests(t, filepath.Join(s.dir, "tree")), want)
		mustRun(t, fmt.Sprintf("open %s\nlcd %q\nget -r tree\n", s.url, back))
		sameFiles(t, "back", digests(t, filepath.Join(back, "tree")), want)

		writeFile(t, filepath.Join(src, "plain.txt"), "new text")
		want = digests(t, src)
		mustRun(t, fmt.Sprintf("open %s\nlcd %q\nput tree/plain.txt tree/plain.txt\n", s.url, base))
		sameFiles(t, "server after a replacement", digests(t, filepath.Join(s.dir, "tree")), want)
	})
}

// TestRunBigFile moves one file of 1 GiB up and down.
func TestRunBigFile(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		base, back := t.TempDir(), t.TempDir()
		bigFile(t, filepath.Join(base, "big.bin"), int64(scale(1<<30, 32<<20)))
		mustRun(t, fmt.Sprintf("open %s\nlcd %q\nput big.bin\nlcd %q\nget big.bin\n", s.url, base, back))
		want := digests(t, base)
		sameFiles(t, "server", digests(t, s.dir), want)
		sameFiles(t, "back", digests(t, back), want)
	})
}

// TestRunVerbs walks through the verbs that need a server.
func TestRunVerbs(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		base := t.TempDir()
		writeFile(t, filepath.Join(base, "a.txt"), "hello\n")
		out := mustRun(t, strings.Join([]string{
			"open " + s.url, fmt.Sprintf("lcd %q", base),
			"mkdir docs", "cd docs", "pwd", "put a.txt", "append a.txt a.txt", "size a.txt", "modtime a.txt",
			"ls", "dir", "nlist", "cat a.txt", "rename a.txt b.txt", "mput *.txt", "mget -- b.txt", "delete b.txt",
			"mdelete *.txt", "cdup", "rmdir docs", "system", "status", "features", "quote NOOP", "passive", "passive", "quit",
		}, "\n"))
		for _, want := range []string{"/docs", "12", "hello\nhello\n"} {
			if !strings.Contains(out, want) {
				t.Errorf("the output does not have %q:\n%s", want, out)
			}
		}
		if text, err := os.ReadFile(filepath.Join(base, "b.txt")); err != nil || string(text) != "hello\nhello\n" {
			t.Errorf("b.txt: %q, %v", text, err)
		}
		if left := digests(t, s.dir); len(left) > 0 {
			t.Errorf("left on the server: %v", left)
		}
	})
}

// TestRunTellsTheTruth lets things fail.
func TestRunTellsTheTruth(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		for _, c := range []struct {
			name, script string
			code         int
			says         string
		}{
			{"missing remote file", "open " + s.url + "\nget nothing-here\nmkdir never", 1, "script.ftp:2: get: "},
			{"missing local file", "open " + s.url + "\nput /nothing/here", 6, "script.ftp:2: put: "},
			{"unknown verb", "open " + s.url + "\nptu x", 2, "put"},
			{"no such directory", "open " + s.url + "\ncd nowhere", 1, "script.ftp:2: cd: "},
		} {
			t.Run(c.name, func(t *testing.T) {
				out, code := ferryRun(t, c.script)
				if code != c.code || !strings.Contains(out, c.says) {
					t.Errorf("exit code %d, want %d; want %q in:\n%s", code, c.code, c.says, out)
				}
			})
		}
		if left := digests(t, s.dir); len(left) > 0 {
			t.Errorf("left on the server: %v", left)
		}
	})
}
