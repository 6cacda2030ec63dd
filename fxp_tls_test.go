package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fxpTLSServers let data connections come from each other, under TLS only.
func fxpTLSServers() map[string]func(t *testing.T, host string, id identity) server {
	return map[string]func(*testing.T, string, identity) server{
		"ferry": func(t *testing.T, host string, id identity) server {
			dir := t.TempDir()
			return server{url: "ftpes://demo@" + ferryServeAt(t, host, dir, "--fxp", "127.0.0.0/8", "--tls", "required", "--tls-data", "require", "--cert", id.file), dir: dir}
		},
		"vsftpd": func(t *testing.T, host string, id identity) server {
			s := vsftpdAt(t, host, append(vsftpdTLS(id), "port_promiscuous=YES", "pasv_promiscuous=YES", "require_ssl_reuse=NO")...)
			s.url = explicit(s.url)
			return s
		},
		"proftpd": func(t *testing.T, host string, id identity) server {
			// It looks who the other server is, and 1.3.8 dies where it does not know.
			s := proftpdAt(t, host, append(proftpdTLS(t, id), "AllowForeignAddress on", "TLSCACertificateFile "+id.cert, "TLSOptions NoSessionReuseRequired")...)
			s.url = explicit(s.url)
			return s
		},
	}
}

// TestFXPOverTLS has servers send files to each other under TLS, each
// listening once. vsftpd can't begin the handshake; ferry and ProFTPD are told
// to, by SSCN.
func TestFXPOverTLS(t *testing.T) {
	id := newIdentity(t)
	for _, pair := range [][2]string{
		{"ferry", "ferry"}, {"ferry", "vsftpd"}, {"vsftpd", "ferry"}, {"ferry", "proftpd"}, {"proftpd", "ferry"}, {"vsftpd", "proftpd"},
	} {
		for _, version := range []string{"1.2", "1.3"} {
			if pair[0] == "proftpd" != (version == "1.2") && slices.Contains(pair[:], "proftpd") {
				continue // a second for each of its files
			}
			t.Run(pair[0]+" to "+pair[1]+" "+version, func(t *testing.T) {
				openSSL(t, version)
				source, target := fxpHosts(t)
				from, to := fxpTLSServers()[pair[0]](t, source, id), fxpTLSServers()[pair[1]](t, target, id)
				bigFile(t, filepath.Join(from.dir, "big.bin"), 3<<20)
				if err := os.Chmod(filepath.Join(from.dir, "big.bin"), 0o644); err != nil {
					t.Fatal(err)
				}
				want := digest(t, filepath.Join(from.dir, "big.bin"))
				out := mustRun(t, strings.Join([]string{
					"debug on", "set pin " + id.pin,
					fmt.Sprintf("fxp --listen to %s/big.bin %s/to.bin", from.url, to.url),
					fmt.Sprintf("fxp --listen from %s/big.bin %s/from.bin", from.url, to.url),
					"open " + from.url,
					"fxp big.bin " + to.url + "/",
					"ls", // the server expects the handshake again
				}, "\n"))
				for _, name := range []string{"to.bin", "from.bin", "big.bin"} {
					if got := digest(t, filepath.Join(to.dir, name)); got != want {
						t.Errorf("%s differs\n%s", name, out)
					}
				}
				if !strings.Contains(out, "SSCN ON") && !strings.Contains(out, "CPSV") {
					t.Errorf("who began TLS?\n%s", out)
				}
			})
		}
	}
}

// TestFXPOverTLSIsRefused: two servers that can only wait for each other are
// not tried, and nothing goes in clear.
func TestFXPOverTLSIsRefused(t *testing.T) {
	id := newIdentity(t)
	source, target := fxpHosts(t)
	start := fxpTLSServers()["vsftpd"]
	from, to := start(t, source, id), start(t, target, id)
	writeFile(t, filepath.Join(from.dir, "a"), "secret")
	out, code := ferryRun(t, fmt.Sprintf("set pin %s\nfxp %s/a %s/b\n", id.pin, from.url, to.url))
	if code != 1 || !strings.Contains(out, "SSCN or CPSV") || !strings.Contains(out, "get and put carry it") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if left := digests(t, to.dir); len(left) > 0 {
		t.Errorf("the target has %v", left)
	}
}

// TestLftpFXPOverTLS has lftp make two ferrys send to each other. It sends
// SSCN to the one that connects, or CPSV to the one that listens.
func TestLftpFXPOverTLS(t *testing.T) {
	lftp := peer(t, "lftp")
	id := newIdentity(t)
	source, target := fxpHosts(t)
	start := fxpTLSServers()["ferry"]
	from, to := start(t, source, id), start(t, target, id)
	bigFile(t, filepath.Join(from.dir, "big.bin"), 3<<20)
	for name, sscn := range map[string]string{"passive": "yes", "active": "no"} {
		cmd := command(t, lftp, "-c", "set cmd:fail-exit yes; set net:max-retries 1; set ssl:verify-certificate no; debug 5; "+
			"set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set ftp:ssl-protect-fxp yes; set ftp:use-fxp yes; set ftp:fxp-force yes; "+
			"set ftp:fxp-passive-sscn "+sscn+"; get "+strings.Replace(from.url, "ftpes://demo@", "ftp://demo:secret@", 1)+"/big.bin -o "+
			strings.Replace(to.url, "ftpes://demo@", "ftp://demo:secret@", 1)+"/"+name)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		out := output(t, cmd)
		if digest(t, filepath.Join(to.dir, name)) != digest(t, filepath.Join(from.dir, "big.bin")) {
			t.Errorf("%s differs\n%s", name, out)
		}
		if !strings.Contains(out, "> CPSV") && !strings.Contains(out, "> SSCN ON") {
			t.Errorf("who began TLS?\n%s", out)
		}
	}
}
