package script

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ferry/proto/client"
)

// showing gives the server a certificate of its own making, and returns its
// fingerprint.
func (w *world) showing() string {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"ftp.test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		w.t.Fatal(err)
	}
	w.local("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	w.server.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return client.PinFor(leaf).String()
}

// trusting is a world in which TLS is used where it is offered.
func trusting(t *testing.T) *world {
	w := newWorld(t)
	w.cfg.Client.TLS = client.TLSIfOffered
	w.cfg.State = filepath.Join(w.dir, "state")
	w.server.file("/a.txt", "text")
	return w
}

func TestScriptPinsACertificate(t *testing.T) {
	w := trusting(t)
	pin := w.showing()
	err := w.in("get a.txt")
	if ExitCode(err) != 4 || !strings.Contains(HintOf(err), "set pin "+pin) {
		t.Fatalf("%v, code %d, hint %q", err, ExitCode(err), HintOf(err))
	}
	if len(w.server.sent("USER", "PASS")) > 0 {
		t.Error("it went on")
	}
	for _, script := range []string{
		"set pin " + pin + "\nopen ftp.test\nuser anna secret\nget a.txt",
		"set pin sha256:" + strings.Repeat("0", 64) + "," + pin + "\nopen ftp.test\nuser anna secret\nls",
		"set ca ca.pem\nopen ftp.test\nuser anna secret\nput ca.pem",
		"set ca ca.pem\nopen ftpes://anna:secret@ftp.test\nstatus",
	} {
		if err := w.run(script); err != nil {
			t.Errorf("%s: %v", script, err)
		}
	}
	if !strings.Contains(w.out.String(), "encrypted (TLS 1.3, ") {
		t.Errorf("status says:\n%s", w.out.String())
	}
	if w.read("a.txt") != "text" || strings.Contains(w.err.String(), "in clear") {
		t.Error(w.err.String())
	}
	if err := w.run("set pin sha256:" + strings.Repeat("0", 64) + "\nopen ftp.test"); ExitCode(err) != 4 || !strings.Contains(HintOf(err), pin) {
		t.Errorf("another pin: %v, %q", err, HintOf(err))
	}
	if err := w.run("set pin nonsense"); ExitCode(err) != 2 {
		t.Error(err)
	}
}

func TestShellAsksAboutACertificate(t *testing.T) {
	for answer, want := range map[Answer]struct {
		code    int
		asked   int // in two runs
		keeping string
	}{
		No:   {4, 2, ""},
		Once: {0, 2, "tls"},
		Yes:  {0, 1, "sha256:"},
	} {
		w := trusting(t)
		pin := w.showing()
		ask := &asker{answers: []Answer{answer, answer}, secrets: []string{"secret", "secret"}}
		w.cfg.Ask = ask
		for range 2 {
			w.server.commands = nil
			err := w.run("open anna@ftp.test\nls")
			if ExitCode(err) != want.code || (want.code == 0) != (len(w.server.sent("PASS")) > 0) {
				t.Errorf("%s: %v", answer, err)
			}
		}
		asked := 0
		for _, q := range ask.asked {
			if strings.Contains(q, "trust") {
				asked++
			}
		}
		if asked != want.asked || !strings.Contains(w.err.String(), pin) || !strings.Contains(w.err.String(), "ftp.test") {
			t.Errorf("%s: asked %d times\n%s", answer, asked, w.err.String())
		}
		kept, _ := os.ReadFile(filepath.Join(w.cfg.State, "known_hosts"))
		if answer == Yes && !strings.Contains(string(kept), "ftp.test:21 "+pin+" ") || answer != Yes && strings.Contains(string(kept), pin) {
			t.Errorf("%s: remembered\n%s", answer, kept)
		}
	}
}

// SECURITY: a certificate that is not the one that was accepted.
func TestChangedCertificate(t *testing.T) {
	w := trusting(t)
	old := w.showing()
	w.cfg.Ask = &asker{answers: []Answer{Yes}, secrets: []string{"secret"}}
	if err := w.run("open anna@ftp.test"); err != nil {
		t.Fatal(err)
	}
	w.cfg.Ask = nil
	if err := w.in("ls"); err != nil {
		t.Fatalf("a script does not know what the shell has accepted: %v", err)
	}
	pin := w.showing()
	err := w.in("ls")
	if ExitCode(err) != 4 || !strings.Contains(err.Error(), "CHANGED") || !strings.Contains(err.Error(), old) || !strings.Contains(HintOf(err), "set pin "+pin) {
		t.Errorf("%v; %s", err, HintOf(err))
	}
	w.err.Reset()
	ask := &asker{answers: []Answer{No}}
	w.cfg.Ask = ask
	if err := w.run("open anna@ftp.test"); ExitCode(err) != 4 || !strings.Contains(w.err.String(), "HAS CHANGED") || !strings.Contains(w.err.String(), old) {
		t.Errorf("%v\n%s", err, w.err.String())
	}
	ask.answers, ask.secrets = []Answer{Yes}, []string{"secret"}
	if err := w.run("open anna@ftp.test"); err != nil {
		t.Error(err)
	}
	w.cfg.Ask = nil
	if err := w.in("ls"); err != nil {
		t.Error(err)
	}
	w.mustIn("trust\ntrust -d ftp.test\n")
	if got := w.out.String(); !strings.Contains(got, "ftp.test:21\t"+pin) {
		t.Error(got)
	}
	if err := w.in("ls"); ExitCode(err) != 4 || strings.Contains(err.Error(), "CHANGED") {
		t.Errorf("forgotten: %v", err)
	}
}

// SECURITY: TLS taken away from a host that had it.
func TestNeverInClearAfterTLS(t *testing.T) {
	w := trusting(t)
	w.showing()
	if err := w.run("set ca ca.pem\nopen ftp.test\nuser anna secret"); err != nil {
		t.Fatal(err)
	}
	w.server.tls, w.server.commands = nil, nil
	for _, script := range []string{
		"open ftp.test\nuser anna secret",
		"open FTP.test\nuser anna secret",
		"open anna:secret@ftp.test",
		"open ftp://anna:secret@ftp.test/",
		"set tls off\nopen ftp.test\nuser anna secret",
		"set tls off\nopen ftp.test\nquote USER anna\nquote PASS secret",
		"set tls on\nopen ftp.test\nuser anna secret",
	} {
		err := w.run(script)
		if ExitCode(err) != 4 || HintOf(err) == "" || len(w.server.sent("PASS")) > 0 {
			t.Errorf("%s: %v, code %d, %q", script, err, ExitCode(err), w.server.sent("PASS"))
		}
		w.server.commands = nil
	}
	ask := &asker{answers: []Answer{No, Yes}, secrets: []string{"secret"}}
	w.cfg.Ask = ask
	if err := w.run("open anna@ftp.test"); ExitCode(err) != 4 || len(w.server.sent("PASS")) > 0 {
		t.Errorf("no: %v", err)
	}
	if err := w.run("open anna@ftp.test"); err != nil || len(w.server.sent("PASS")) != 1 || len(ask.answers) != 0 {
		t.Errorf("yes: %v, %q", err, ask.asked)
	}
	w.cfg.Ask = nil
	if err := w.run("trust -d ftp.test\nopen ftp.test\nuser anna secret"); err != nil {
		t.Error(err)
	}
}

func TestOneWarningForAPasswordInClear(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   int
	}{
		{"open ftp.test\nuser anna secret\nls\nuser anna secret", 2}, // two connections
		{"open anna:secret@ftp.test\nls\naccount secret", 1},
		{"open ftp://ftp.test/\nls", 0},
		{"set tls off\nopen anna:secret@ftp.test\nls", 0},
	} {
		w := trusting(t)
		w.server.account = ""
		_ = w.run(tt.script)
		if got := strings.Count(w.err.String(), "in clear"); got != tt.want {
			t.Errorf("%s\n%d warnings:\n%s", tt.script, got, w.err.String())
		}
	}
	w := trusting(t)
	w.cfg.Sandbox = true
	if err := w.run("open ftps://anna:secret@ftp.test:21\nls"); err != nil || strings.Contains(w.err.String(), "clear") {
		t.Errorf("in the sandbox: %v\n%s", err, w.err.String())
	}
	if _, err := os.Stat(w.cfg.State); !errors.Is(err, os.ErrNotExist) {
		t.Error("the sandbox left something behind")
	}
}

func TestKnownHostsFile(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 && runtime.GOOS != "linux" {
		t.Skip("modes are Unix's")
	}
	w := trusting(t)
	w.showing()
	script := "set ca ca.pem\nopen ftp.test\nuser anna secret"
	for range 3 {
		if err := w.run(script); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(w.cfg.State, "known_hosts")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	if text, _ := os.ReadFile(path); strings.Count(string(text), "\n") != 1 {
		t.Errorf("each run adds a line:\n%s", text)
	}
	// SECURITY: what can't be read may be what forbids the password.
	_ = os.Remove(path)
	_ = os.Mkdir(path, 0o700)
	if err := w.run("open ftp.test\nuser anna secret"); err == nil {
		t.Error("an unreadable file counts for nothing")
	}
	// Where nothing can be kept the run goes on, and says so.
	w.cfg.State = filepath.Join(w.dir, "ca.pem", "state")
	w.err.Reset()
	if err := w.run(script); err != nil || strings.Count(w.err.String(), "only remembered for this run") != 1 {
		t.Errorf("%v\n%s", err, w.err.String())
	}
}

// Every place a password may come from, and who goes before whom.
func TestPasswordsBeside(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no shell")
	}
	for _, tt := range []struct {
		name, script string
		preset       map[string]string
		code         int
	}{
		{"file", "set password-file pw\nopen anna@ftp.test\nls", nil, 0},
		{"file by flag", "open anna@ftp.test\nls", map[string]string{"password-file": "pw"}, 0},
		{"file that others can read", "set password-file open\nopen anna@ftp.test", nil, 5},
		{"no file", "set password-file nothing\nopen anna@ftp.test", nil, 6},
		{"empty", "set password-file empty\nopen anna@ftp.test", nil, 5},
		{"command", "set password-command 'echo secret; echo more'\nopen anna@ftp.test\nls", nil, 0},
		{"command that knows whom", "set password-command 'test $FERRY_USER@$FERRY_HOST = anna@ftp.test && echo secret'\nopen anna@ftp.test\nls", nil, 0},
		{"command for user", "set password-command 'echo secret'\nopen ftp.test\nuser anna\nls", nil, 0},
		{"command that fails", "set password-command 'exit 3'\nopen anna@ftp.test", nil, 5},
		{"the line goes first", "set password-command 'exit 3'\nopen anna:secret@ftp.test\nls", nil, 0},
		{"file before command", "set password-command 'exit 3'\nset password-file pw\nopen anna@ftp.test\nls", nil, 0},
		{"guests have none", "set password-command 'exit 3'\nopen anonymous@ftp.test\nls", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			for name, mode := range map[string]os.FileMode{"pw": 0o600, "open": 0o644} {
				w.local(name, "secret\r\nsecond\n")
				_ = os.Chmod(filepath.Join(w.dir, name), mode)
			}
			w.local("empty", "\nsecret")
			_ = os.Chmod(filepath.Join(w.dir, "empty"), 0o600)
			w.cfg.Preset = tt.preset
			if err := w.run(tt.script); ExitCode(err) != tt.code {
				t.Errorf("%v, code %d\n%s", err, ExitCode(err), w.err.String())
			}
		})
	}
}

func FuzzKnownHosts(f *testing.F) {
	f.Add("ftp.test:21 tls 2026-03-04T05:06:07Z\nftp.test:21 sha256:00\n# x\n\nx")
	f.Add("a:1 sha256:" + strings.Repeat("0", 64) + "\na:1 forget\n")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "known_hosts"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		k := openKnown(dir)
		if k.read() != nil {
			return
		}
		if err := k.remember("zz.test:21", seenTLS, fakeTime); err != nil {
			t.Fatal(err)
		}
		again := openKnown(dir)
		if err := again.read(); err != nil || len(text) == 0 && !again.seen("ZZ.test") {
			t.Errorf("%v", err)
		}
	})
}
