package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fxpServers are servers that let data connections come from each other.
func fxpServers() map[string]func(t *testing.T, host string) server {
	return map[string]func(*testing.T, string) server{
		"ferry": func(t *testing.T, host string) server {
			dir := t.TempDir()
			return server{url: "ftp://demo@" + ferryServeAt(t, host, dir, "--fxp", "127.0.0.0/8", "--tls", "off"), dir: dir}
		},
		"vsftpd": func(t *testing.T, host string) server {
			return vsftpdAt(t, host, "port_promiscuous=YES", "pasv_promiscuous=YES")
		},
		"proftpd": func(t *testing.T, host string) server { return proftpdAt(t, host, "AllowForeignAddress on") },
	}
}

// fxpHosts are two addresses of this machine; the client's is a third. Where
// there is only one, all three are that.
func fxpHosts(t *testing.T) (from, to string) {
	t.Helper()
	for _, host := range []string{"127.0.0.2", "127.0.0.3"} {
		ln, err := net.Listen("tcp", host+":0")
		if err != nil {
			return localhost, localhost
		}
		ln.Close()
	}
	return "127.0.0.2", "127.0.0.3"
}

// TestFXP has servers send files to each other, each listening once.
func TestFXP(t *testing.T) {
	for _, pair := range [][2]string{
		{"ferry", "ferry"}, {"ferry", "vsftpd"}, {"vsftpd", "ferry"}, {"ferry", "proftpd"}, {"proftpd", "ferry"}, {"vsftpd", "proftpd"},
	} {
		t.Run(pair[0]+" to "+pair[1], func(t *testing.T) {
			source, target := fxpHosts(t)
			from, to := fxpServers()[pair[0]](t, source), fxpServers()[pair[1]](t, target)
			bigFile(t, filepath.Join(from.dir, "big.bin"), 3<<20)
			if err := os.Chmod(filepath.Join(from.dir, "big.bin"), 0o644); err != nil {
				t.Fatal(err)
			}
			want := digest(t, filepath.Join(from.dir, "big.bin"))
			mustRun(t, strings.Join([]string{
				fmt.Sprintf("fxp --listen to %s/big.bin %s/to.bin", from.url, to.url),
				fmt.Sprintf("fxp --listen from %s/big.bin %s/from.bin", from.url, to.url),
				"open " + from.url,
				"fxp big.bin " + to.url + "/",
				"open " + to.url,
				"mkdir sub",
				"fxp " + from.url + "/big.bin sub",
			}, "\n"))
			for _, name := range []string{"to.bin", "from.bin", "big.bin", "sub/big.bin"} {
				if got := digest(t, filepath.Join(to.dir, name)); got != want {
					t.Errorf("%s differs", name)
				}
			}
		})
	}
}

// TestFXPResumes goes on with half a file.
func TestFXPResumes(t *testing.T) {
	source, target := fxpHosts(t)
	from, to := fxpServers()["ferry"](t, source), fxpServers()["ferry"](t, target)
	bigFile(t, filepath.Join(from.dir, "big.bin"), 1<<20)
	bigFile(t, filepath.Join(to.dir, "big.bin"), 1<<19)
	out := mustRun(t, fmt.Sprintf("debug on\nfxp -c %s/big.bin %s/big.bin", from.url, to.url))
	sameFiles(t, "target", digests(t, to.dir), digests(t, from.dir))
	if !strings.Contains(out, "REST 524288") {
		t.Errorf("it did not resume:\n%s", out)
	}
}

// TestFXPIsRefused: servers that trust nobody are not talked into it, and
// nothing of the target is lost.
func TestFXPIsRefused(t *testing.T) {
	dirs := [2]string{t.TempDir(), t.TempDir()}
	source, target := fxpHosts(t)
	if source == target {
		t.Skip("this machine has one address")
	}
	from, to := ferryServeAt(t, source, dirs[0]), ferryServeAt(t, target, dirs[1])
	writeFile(t, filepath.Join(dirs[0], "a"), "new")
	writeFile(t, filepath.Join(dirs[1], "b"), "old")
	want := digests(t, dirs[1])
	for _, side := range []string{"to", "from"} {
		out, code := ferryRun(t, fmt.Sprintf("fxp --listen %s ftp://demo@%s/a ftp://demo@%s/b\n", side, from, to))
		if code != 1 || !strings.Contains(out, "help fxp") {
			t.Errorf("exit code %d: %s", code, out)
		}
	}
	out, code := ferryRun(t, fmt.Sprintf("fxp ftp://demo@%s/none ftp://demo@%s/b\n", from, to))
	if code != 1 || !strings.Contains(out, "550") {
		t.Errorf("exit code %d: %s", code, out)
	}
	sameFiles(t, "target", digests(t, dirs[1]), want)
	for script, want := range map[string]string{
		"fxp a b": "copy FROM TO copies within a server",
		"fxp --listen both ftp://demo@" + from + "/a ftp://demo@" + to + "/b": "from or to",
		"fxp a ftp://demo@" + to + "/b":                                       "open HOST connects",
	} {
		if out, code := ferryRun(t, script); code == 0 || !strings.Contains(out, want) {
			t.Errorf("%s: %d %s", script, code, out)
		}
	}
}
