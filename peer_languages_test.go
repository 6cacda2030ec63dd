package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jlaffaye/ftp"
)

// The FTP libraries of other languages, over TLS, with ferry as strict as it
// comes: many uploads, large ones, and empty ones.

func TestNodeTLS(t *testing.T) {
	node, modules := peer(t, "node"), filepath.Join(os.Getenv("FERRY_PEERS"), "node", "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "basic-ftp")); err != nil {
		missing(t, "Node's basic-ftp")
	}
	languageTLS(t, []string{"TLSv1.2", "TLSv1.3"}, func(args []string) *exec.Cmd {
		cmd := command(t, node, append([]string{"testdata/basicftp_tree.js"}, args...)...)
		cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
		return cmd
	})
}

func TestJavaTLS(t *testing.T) {
	java, jar := peer(t, "java"), "/usr/share/java/commons-net.jar"
	if _, err := os.Stat(jar); err != nil {
		missing(t, "Apache Commons Net")
	}
	languageTLS(t, []string{"TLSv1.2", "TLSv1.3"}, func(args []string) *exec.Cmd {
		return command(t, java, append([]string{"-cp", jar, "testdata/CommonsNetTree.java"}, args...)...)
	})
}

func TestPerlTLS(t *testing.T) {
	perl := peer(t, "perl")
	if command(t, perl, "-MIO::Socket::SSL", "-e", "1").Run() != nil {
		missing(t, "Perl's IO::Socket::SSL")
	}
	languageTLS(t, []string{"TLSv12", "TLSv13"}, func(args []string) *exec.Cmd {
		return command(t, perl, append([]string{"testdata/netftp_tree.pl"}, args...)...)
	})
}

// Perl's Net::FTPSSL, where it has no SSL context of its own, writes to a
// Net::SSLeay::Handle, which ends TLS without close_notify. That is a cut, unless
// ALLO has told the size (its method alloc), or the server is tolerant.
func TestPerlWithoutCloseNotify(t *testing.T) {
	perl := peer(t, "perl")
	if command(t, perl, "-MIO::Socket::SSL", "-MNet::SSLeay::Handle", "-e", "1").Run() != nil {
		missing(t, "Perl's IO::Socket::SSL")
	}
	file := filepath.Join(t.TempDir(), "f")
	bigFile(t, file, 1<<20)
	for _, c := range []struct{ eof, allo, reply string }{{"strict", "", "426 "}, {"strict", "ALLO", "226 "}, {"tolerant", "", "226 "}} {
		root := t.TempDir()
		host, port, _ := strings.Cut(ferryServe(t, root, "--tls", "required", "--tls-eof", c.eof), ":")
		args := []string{"testdata/ssleay_put.pl", host, port, file, "got"}
		if c.allo != "" {
			args = append(args, c.allo)
		}
		if out := output(t, command(t, perl, args...)); !strings.HasPrefix(out, c.reply) {
			t.Errorf("%v: %s", c, out)
		}
		if _, err := os.Stat(filepath.Join(root, "got")); (err == nil) != (c.reply == "226 ") {
			t.Errorf("%v: the file: %v", c, err)
		}
	}
}

// languageTLS lets a program upload a tree and download it again, over each
// version of TLS, by the name that the program has for it.
func languageTLS(t *testing.T, versions []string, program func(args []string) *exec.Cmd) {
	src := t.TempDir()
	want := manyFiles(t, src)
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			root, back := t.TempDir(), t.TempDir()
			host, port, _ := strings.Cut(ferryServe(t, root, "--tls", "required"), ":")
			if out := output(t, program([]string{host, port, src, back, version})); out != "" {
				t.Errorf("it complains:\n%s", out)
			}
			sameFiles(t, "server", digests(t, root), want)
			sameFiles(t, "back", digests(t, back), want)
		})
	}
}

// manyFiles is flatTree with a tenth of the files empty.
func manyFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	n := scale(100, 20)
	flatTree(t, dir, n)
	for i := range n / 10 {
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%04d-empty", i*10)), "")
	}
	return digests(t, dir)
}

// Go's jlaffaye/ftp, which rclone uses: it only writes on the data connections
// of uploads, and never reads what tickets come on them.
func TestGoTLS(t *testing.T) {
	src := t.TempDir()
	want := manyFiles(t, src)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			root, back := t.TempDir(), t.TempDir()
			addr := ferryServe(t, root, "--tls", "required")
			c, err := ftp.Dial(addr, ftp.DialWithExplicitTLS(&tls.Config{
				InsecureSkipVerify: true, MinVersion: version, MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(0),
			}))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Login("demo", "secret"); err != nil {
				t.Fatal(err)
			}
			for name := range want {
				data, err := os.ReadFile(filepath.Join(src, name))
				if err == nil {
					err = c.Stor(name, bytes.NewReader(data))
				}
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			entries, err := c.List("/")
			if err != nil || len(entries) != len(want) {
				t.Errorf("listing: %d of %d, %v", len(entries), len(want), err)
			}
			for name := range want {
				r, err := c.Retr(name)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				var data bytes.Buffer
				if _, err := data.ReadFrom(r); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if err := r.Close(); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				writeFile(t, filepath.Join(back, name), data.String())
			}
			if err := c.Quit(); err != nil {
				t.Error(err)
			}
			sameFiles(t, "server", digests(t, root), want)
			sameFiles(t, "back", digests(t, back), want)
		})
	}
}
