//go:build unix

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jlaffaye/ftp"
)

// writeCertificate puts a new certificate of that serial number at path.
func writeCertificate(t *testing.T, path string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "x"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// serial is that of the certificate that the server shows.
func serial(addr string) int64 {
	var seen int64
	nc, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err == nil {
		seen = nc.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
		nc.Close()
	}
	return seen
}

// A change of settings, of users and of the certificate under load takes effect,
// and no session is dropped for it: with a parent, which also starts what a
// running server can't take, and without one, where SIGHUP says so.
func TestChangesUnderLoad(t *testing.T) {
	for _, flags := range [][]string{{"--watchdog"}, nil} {
		t.Run(fmt.Sprint(flags), func(t *testing.T) { changesUnderLoad(t, flags) })
	}
}

func changesUnderLoad(t *testing.T, flags []string) {
	etc := t.TempDir()
	if err := os.Chmod(etc, 0o755); err != nil {
		t.Fatal(err)
	}
	config, users, cert := filepath.Join(etc, "f.toml"), filepath.Join(etc, "users.json"), filepath.Join(etc, "pem")
	setting := func(text string) {
		t.Helper()
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	setting("idle = '10m'\n")
	addUser := func(name string) {
		t.Helper()
		cmd := exec.Command(program, "users", "add", "--file", users, name)
		cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	addUser("first")
	writeCertificate(t, cert, 1)
	port := freePort(t)
	w := &watched{t: t, root: t.TempDir(), log: filepath.Join(t.TempDir(), "log")}
	writeFile(t, filepath.Join(w.root, "known"), string(pattern(1, 1<<20)))
	w.addr, w.parent = ferryProcess(t, localhost, w.root, append([]string{"--config", config, "--users", users, "--cert", cert, "--log", w.log, "--implicit", fmt.Sprintf("127.0.0.1:%d", port)}, flags...)...)
	implicit := fmt.Sprintf("127.0.0.1:%d", port)
	login := func(name string) error {
		conn, err := ftp.Dial(w.addr)
		if err != nil {
			return err
		}
		defer conn.Quit()
		return conn.Login(name, "secret")
	}
	hup := func() {
		t.Helper()
		if err := syscall.Kill(w.parent, syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "the server is up", func() bool { return login("demo") == nil })
	old, err := ftp.Dial(w.addr)
	if err == nil {
		err = old.Login("demo", "secret")
	}
	if err != nil {
		t.Fatal(err)
	}
	c := w.crowd(4)

	addUser("second") // users are looked at by themselves
	if err := login("second"); err != nil {
		t.Errorf("a user who was added: %v", err)
	}
	if n := serial(implicit); n != 1 {
		t.Errorf("certificate %d, not 1", n)
	}
	writeCertificate(t, cert, 2)
	hup()
	waitFor(t, "the new certificate is shown", func() bool { return serial(implicit) == 2 })

	setting("idle = '10m'\nmax-sessions = 1\n") // in force for the next that connects
	hup()
	waitFor(t, "nobody else gets in", func() bool {
		conn, err := ftp.Dial(w.addr)
		if err == nil {
			_ = conn.Quit()
		}
		return err != nil && strings.Contains(err.Error(), "421")
	})
	c.over.Store(true)
	c.group.Wait()
	for _, err := range c.failed { // those that the limit has kept out, and nobody else
		if !strings.Contains(err.Error(), "421") {
			t.Errorf("a session was dropped: %v", err)
		}
	}
	if err := old.NoOp(); err != nil {
		t.Errorf("a session from before: %v", err)
	}
	setting("anonymous = true\n")
	hup()
	if len(flags) > 0 {
		waitFor(t, "another server serves with it", func() bool { return login("anonymous") == nil })
	} else {
		waitFor(t, "what needs a new start is said", func() bool { return strings.Contains(w.logged(), "some settings need a new start") })
		if login("anonymous") == nil {
			t.Error("it is said to need a new start, and has happened")
		}
	}
	setting("anonymus = true\n")
	hup()
	waitFor(t, "a mistake is told", func() bool {
		return strings.Contains(w.logged(), "settings can't be used") && strings.Contains(w.logged(), "no setting anonymus")
	})
	if err := old.Stor("old", strings.NewReader("x")); err != nil {
		t.Errorf("a session from before: %v", err)
	}
	c.failed = nil
	c.check(t, w.root)
}
