package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ferry/proto/client"
)

// identity is a certificate for 127.0.0.1 that vouches for itself.
type identity struct {
	file string // certificate and key
	cert string // the certificate alone
	pin  string
}

func newIdentity(t *testing.T) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	cert := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})) + cert
	dir := t.TempDir()
	return identity{
		file: writeFile(t, filepath.Join(dir, "both.pem"), text),
		cert: writeFile(t, filepath.Join(dir, "cert.pem"), cert),
		pin:  client.PinFor(parsed).String(),
	}
}

// openSSL lets programs with OpenSSL go up to a version of TLS.
func openSSL(t *testing.T, version string) {
	t.Helper()
	t.Setenv("OPENSSL_CONF", writeFile(t, filepath.Join(t.TempDir(), "openssl.cnf"), strings.Join([]string{
		"openssl_conf = init", "[init]", "ssl_conf = ssl", "[ssl]", "system_default = all", "[all]",
		"MaxProtocol = TLSv" + version, "MinProtocol = TLSv1.2", "",
	}, "\n")))
}

// tlsServers are the servers that take passwords and files over TLS only.
func tlsServers() map[string]func(*testing.T, identity) server {
	return map[string]func(*testing.T, identity) server{
		"vsftpd": func(t *testing.T, id identity) server {
			return vsftpdAt(t, localhost, append(vsftpdTLS(id), "require_ssl_reuse=YES")...)
		},
		"proftpd": func(t *testing.T, id identity) server {
			return proftpdAt(t, localhost, proftpdTLS(t, id)...)
		},
		"pure-ftpd": func(t *testing.T, id identity) server {
			return pureFTPdWith(t, "-Y", "2", "-2", id.file)
		},
		"pyftpdlib": pyftpdlibTLS,
		"ferry": func(t *testing.T, id identity) server {
			dir := t.TempDir()
			return server{url: "ftp://demo@" + ferryServe(t, dir, "--tls", "required", "--tls-data", "require", "--tls-eof", "strict", "--cert", id.file), dir: dir}
		},
	}
}

func vsftpdTLS(id identity) []string {
	return []string{
		"ssl_enable=YES", "allow_anon_ssl=YES", "force_anon_logins_ssl=YES", "force_anon_data_ssl=YES",
		"rsa_cert_file=" + id.file, "rsa_private_key_file=" + id.file, "ssl_ciphers=HIGH", "strict_ssl_read_eof=YES",
	}
}

func proftpdTLS(t *testing.T, id identity) []string {
	t.Helper()
	module := filepath.Join(os.Getenv("FERRY_PEERS"), "usr/lib/proftpd")
	if !executableDir(module) {
		module = "/usr/lib/proftpd"
	}
	if _, err := os.Stat(filepath.Join(module, "mod_tls.so")); err != nil {
		missing(t, "ProFTPD's mod_tls")
	}
	return []string{
		"ModulePath " + module, "LoadModule mod_tls.c", "TLSEngine on", "TLSRequired on", "TLSECCertificateFile " + id.file,
		"TLSECCertificateKeyFile " + id.file, "TLSProtocol TLSv1.2 TLSv1.3", "TLSVerifyClient off",
	}
}

func executableDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func pyftpdlibTLS(t *testing.T, id identity) server {
	python := peer(t, "python3")
	if command(t, python, "-c", "import pyftpdlib, OpenSSL").Run() != nil {
		missing(t, "pyftpdlib with OpenSSL")
	}
	dir, port := served(t, os.Geteuid()), freePort(t)
	cmd := command(t, python, filepath.Join("testdata", "pyftpdlib_tls.py"), strconv.Itoa(port), dir, id.file)
	daemon(t, cmd)
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	greets(t, addr)
	return server{url: "ftp://demo@" + addr, dir: dir, cmd: cmd}
}

func eachTLSServer(t *testing.T, f func(t *testing.T, s server, id identity, version string)) {
	for name, start := range tlsServers() {
		for _, version := range []string{"1.2", "1.3"} {
			t.Run(name+" "+version, func(t *testing.T) {
				id := newIdentity(t)
				openSSL(t, version)
				f(t, start(t, id), id, version)
			})
		}
	}
}

func explicit(url string) string { return strings.Replace(url, "ftp://", "ftpes://", 1) }

// TestRunTreeOverTLS uploads a tree, replaces it, and downloads it again.
func TestRunTreeOverTLS(t *testing.T) {
	eachTLSServer(t, func(t *testing.T, s server, id identity, version string) {
		base, back := t.TempDir(), t.TempDir()
		src := filepath.Join(base, "tree")
		tree(t, src, hardNames(), scale(500, 40))
		bigFile(t, filepath.Join(src, "big.bin"), int64(scale(256<<20, 8<<20)))
		want := digests(t, src)
		out := mustRun(t, fmt.Sprintf("set ca %s\nopen %s\nstatus\nlcd %q\nset existing overwrite\nput -r tree\nput -r tree\n", id.cert, explicit(s.url), base))
		if !strings.Contains(out, "TLS "+version) && t.Name() != "TestRunTreeOverTLS/ferry_1.2" { // ferry is no OpenSSL
			t.Errorf("not over TLS %s:\n%s", version, out)
		}
		sameFiles(t, "server", digests(t, filepath.Join(s.dir, "tree")), want)
		mustRun(t, fmt.Sprintf("set pin %s\nopen %s\nlcd %q\nget -r tree\n", id.pin, explicit(s.url), back))
		sameFiles(t, "back", digests(t, filepath.Join(back, "tree")), want)
	})
}

// TestFingerprintOfFerryServe takes the line that `ferry serve` prints as the
// pin, and then another server at the same port.
func TestFingerprintOfFerryServe(t *testing.T) {
	dir := t.TempDir()
	id := newIdentity(t)
	addr := ferryServe(t, dir, "--cert", id.file)
	for _, tt := range []struct {
		script string
		code   int
		says   string
	}{
		{"set pin " + id.pin + "\nopen ftp://demo@%s\nstatus", 0, "encrypted (TLS"},
		{"open ftpes://demo@%s", 4, "set pin " + id.pin},
		{"set tls on\nopen demo@%s", 4, "set pin " + id.pin},
		{"set pin sha256:" + strings.Repeat("ab", 32) + "\nopen demo@%s", 4, id.pin},
		{"open ftps://demo@%s", 4, "ftpes://"},
		{"open demo@%s\nls", 0, ""}, // on this machine nobody is in between
	} {
		out, code := ferryRun(t, fmt.Sprintf(tt.script, addr))
		if code != tt.code || !strings.Contains(out, tt.says) || strings.Contains(out, "password goes") {
			t.Errorf("%s\nexit code %d, want %d; want %q in:\n%s", tt.script, code, tt.code, tt.says, out)
		}
	}
}

// TestImplicitTLS is .
func TestImplicitTLS(t *testing.T) {
	id, dir := newIdentity(t), t.TempDir()
	writeFile(t, filepath.Join(dir, "a.txt"), "over TLS")
	port := freePort(t)
	own := newIdentity(t)
	ferryServe(t, dir, "--cert", id.file, "--implicit", fmt.Sprintf("127.0.0.1:%d", port))
	back := t.TempDir()
	mustRun(t, fmt.Sprintf("set cert %s\nset ca %s\nopen ftps://demo@127.0.0.1:%d\nlcd %q\nget a.txt\nput a.txt b.txt\n", own.file, id.cert, port, back))
	for _, path := range []string{filepath.Join(back, "a.txt"), filepath.Join(dir, "b.txt")} {
		if text, err := os.ReadFile(path); err != nil || string(text) != "over TLS" {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
}
