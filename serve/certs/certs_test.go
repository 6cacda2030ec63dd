package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// shown does a handshake with a name and returns the certificate that came.
func shown(t *testing.T, s *Set, name string) *x509.Certificate {
	t.Helper()
	a, b := net.Pipe()
	server := tls.Server(a, &tls.Config{GetCertificate: s.Get})
	client := tls.Client(b, &tls.Config{InsecureSkipVerify: true, ServerName: name})
	go func() { _ = server.Handshake(); io.Copy(io.Discard, server) }()
	if err := client.Handshake(); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	return client.ConnectionState().PeerCertificates[0]
}

// write puts a certificate for a name into two files.
func write(t *testing.T, dir, name string) Pair {
	t.Helper()
	text, err := makePEM([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	p := Pair{filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")}
	for _, file := range []string{p.Cert, p.Key} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func TestChosenByName(t *testing.T) {
	dir := t.TempDir()
	s, err := Load([]Pair{write(t, dir, "a.example"), write(t, dir, "b.example")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a.example": "a.example", "b.example": "b.example", "": "a.example", "c.example": "a.example"} {
		if got := shown(t, s, name).Subject.CommonName; got != want {
			t.Errorf("%q is shown the certificate of %s", name, got)
		}
	}
}

// A renewed certificate is shown without a restart; a broken one is reported
// once and the former stays.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	p := write(t, dir, "a.example")
	var told []error
	s, err := Load([]Pair{p}, func(err error) { told = append(told, err) })
	if err != nil {
		t.Fatal(err)
	}
	age := func(d time.Duration) {
		s.mu.Lock()
		s.looked = s.looked.Add(-lookEvery)
		s.mu.Unlock()
		then := time.Now().Add(-d)
		for _, f := range []string{p.Cert, p.Key} {
			if err := os.Chtimes(f, then, then); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	old := Fingerprint(s.List()[0])
	write(t, dir, "a.example")
	if Fingerprint(s.List()[0]) != old {
		t.Error("the files are looked at for every handshake")
	}
	age(time.Hour)
	renewed := Fingerprint(s.List()[0])
	if renewed == old {
		t.Error("a renewed certificate is not shown")
	}
	os.WriteFile(p.Cert, []byte("half a certif"), 0o600)
	for range 3 {
		age(time.Minute)
		if Fingerprint(s.List()[0]) != renewed {
			t.Error("a broken file changed what is shown")
		}
	}
	if len(told) != 1 {
		t.Errorf("a broken file was reported %d times: %v", len(told), told)
	}
	os.Remove(p.Cert)
	age(time.Minute)
	if Fingerprint(s.List()[0]) != renewed || len(told) != 2 {
		t.Errorf("a missing file: %v", told)
	}
	if _, err := Load([]Pair{p}, nil); err == nil {
		t.Error("a missing file was loaded")
	}
}

func TestKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "ferry")
	names := []string{"box.example", "127.0.0.1"}
	var wg sync.WaitGroup
	prints := make([]string, 8)
	for i := range prints { // many servers that start at the same moment
		wg.Go(func() {
			s, err := Kept(dir, names)
			if err != nil {
				t.Error(err)
				return
			}
			prints[i] = Fingerprint(s.List()[0])
		})
	}
	wg.Wait()
	if len(slices.Compact(slices.Clone(prints))) != 1 || len(prints[0]) != 95 {
		t.Errorf("they show %q", prints)
	}
	s, err := Kept(dir, []string{"other.example"})
	if err != nil || Fingerprint(s.List()[0]) != prints[0] {
		t.Errorf("the kept one is not used again: %v", err)
	}
	leaf := shown(t, s, "box.example")
	if err := leaf.VerifyHostname("box.example"); err != nil {
		t.Error(err)
	}
	if err := leaf.VerifyHostname("127.0.0.1"); err != nil {
		t.Error(err)
	}
	if leaf.PublicKeyAlgorithm != x509.ECDSA || time.Until(leaf.NotAfter) < 10*365*24*time.Hour {
		t.Errorf("it is %v until %v", leaf.PublicKeyAlgorithm, leaf.NotAfter)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestKeptRefusals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are Unix's")
	}
	dir := t.TempDir()
	if _, err := Kept(dir, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, ownFile)
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v", info.Mode())
	}
	os.Chmod(path, 0o644)
	if _, err := Kept(dir, nil); err == nil {
		t.Error("a key that others can read is used")
	}
	os.WriteFile(path, []byte("nothing"), 0o600)
	os.Chmod(path, 0o600)
	if _, err := Kept(dir, nil); err == nil {
		t.Error("a file without certificate is used, or replaced unasked")
	}
	if _, err := Kept(path, nil); err == nil {
		t.Error("a certificate was kept in a file")
	}
}

func TestMadeDiffer(t *testing.T) {
	a, err := Made([]string{"x"})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Made([]string{"x"})
	if Fingerprint(a.List()[0]) == Fingerprint(b.List()[0]) || KeyPin(a.List()[0]) == KeyPin(b.List()[0]) {
		t.Error("two made certificates are the same")
	}
}

func TestVouched(t *testing.T) {
	s, err := Made([]string{"a.example", "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	c := s.List()[0]
	roots := x509.NewCertPool()
	for host, want := range map[string]bool{"a.example": true, "192.0.2.1": true, "b.example": false, "192.0.2.2": false} {
		if vouched(c, host, roots) || s.Vouched(host) {
			t.Errorf("%s: nobody vouches for it", host)
		}
		leaf, _ := x509.ParseCertificate(c.Certificate[0])
		known := x509.NewCertPool()
		known.AddCert(leaf)
		if got := vouched(c, host, known); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}
