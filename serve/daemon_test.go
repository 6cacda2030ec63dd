package serve

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/certs"
	"ferry/serve/users"
)

// daemonRun is a daemon at work, on a loopback port.
type daemonRun struct {
	out, err logText
	stop     context.CancelFunc
	ended    chan error
}

func runDaemon(t *testing.T, d Daemon) *daemonRun {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	r := &daemonRun{ended: make(chan error, 1)}
	d.Out, d.Err = &r.out, &r.err
	if d.Dir == "" {
		d.Dir = t.TempDir()
	}
	if d.Listen == nil {
		d.Listen = []string{"127.0.0.1:0"}
	}
	var ctx context.Context
	ctx, r.stop = context.WithCancel(t.Context())
	t.Cleanup(r.stop)
	go func() { r.ended <- d.Run(ctx) }()
	return r
}

// said waits until the daemon has printed something that matches, and returns
// its first group.
func (r *daemonRun) said(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for range 500 {
		if m := re.FindStringSubmatch(r.out.String()); m != nil {
			return m[len(m)-1]
		}
		select {
		case err := <-r.ended:
			t.Fatalf("the daemon ended: %v\n%s%s", err, r.out.String(), r.err.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("nothing like %q was printed:\n%s%s", pattern, r.out.String(), r.err.String())
	return ""
}

func (r *daemonRun) end(t *testing.T) {
	t.Helper()
	r.stop()
	if err := <-r.ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

// visit logs in over TCP.
func visit(t *testing.T, at, user, pass string) *peer {
	t.Helper()
	p := reach(t, at)
	p.do("USER "+user, proto.NeedPassword)
	p.do("PASS "+pass, proto.LoggedIn)
	return p
}

// reach is a session before login.
func reach(t *testing.T, at string) *peer {
	t.Helper()
	nc, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	p := &peer{w: &world{t: t}, nc: nc, Conn: proto.NewConn(nc, nil)}
	p.expect(proto.Ready)
	return p
}

// `ferry serve DIR` alone says all that somebody needs to use it.
func TestDaemonAlone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hello"), []byte("12345"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := runDaemon(t, Daemon{Dir: dir})
	at := r.said(t, `address +ftp://(\S+)/`)
	user, pass := r.said(t, `user +(\S+)`), r.said(t, `password +(\S+)`)
	r.said(t, `SHA-256 +(([0-9A-F]{2}:){31}[0-9A-F]{2})\n`)
	if line := r.said(t, `curl --ssl-reqd -k --pinnedpubkey sha256//\S{43}= (.*)\n`); line != "-u '"+user+":"+pass+"' ftp://"+at+"/" {
		t.Errorf("the line to paste ends in %q", line)
	}
	r.said(t, `ferry shell --pin sha256//\S{43}= ftp://(`+user+":"+pass+"@"+at+`/)`)
	p := visit(t, at, user, pass)
	p.do("TYPE I", proto.OK)
	if got := p.do("SIZE hello", proto.FileStatus).Text(); got != "5" {
		t.Errorf("SIZE is %q", got)
	}
	if strings.Contains(r.err.String(), pass) {
		t.Errorf("the log tells the password:\n%s", r.err.String())
	}
	r.end(t)
	p.expect(proto.Unavailable)
}

func TestDaemonGivenPassword(t *testing.T) {
	const canary = "c4nary-p4ss"
	r := runDaemon(t, Daemon{User: "ann", Password: Password{Env: canary}, Trace: true})
	at := r.said(t, `address +ftp://(\S+)/`)
	r.said(t, `curl .* -u 'ann' (ftp)://`)
	visit(t, at, "ann", canary)
	r.end(t)
	if all := r.out.String() + r.err.String(); strings.Contains(all, canary) {
		t.Errorf("the password is told:\n%s", all)
	}
	if !strings.Contains(r.err.String(), "C: PASS ****\n") {
		t.Errorf("no trace:\n%s", r.err.String())
	}
}

func TestDaemonAnonymous(t *testing.T) {
	r := runDaemon(t, Daemon{Anonymous: true, AnonymousLimits: users.Limits{Sessions: 1}})
	at := r.said(t, `address +ftp://(\S+)/`)
	r.said(t, `curl .* (ftp)://`)
	p := visit(t, at, "anonymous", "me@example.org")
	p.do("MKD d", proto.Refused)
	second := reach(t, at)
	second.do("USER ftp", proto.NeedPassword)
	second.do("PASS x", proto.NotLoggedIn) // one session for all visitors
	r.end(t)
}

func TestDaemonEndsByItself(t *testing.T) {
	for name, d := range map[string]Daemon{"for": {For: 50 * time.Millisecond}, "once": {Once: OneVisit}} {
		t.Run(name, func(t *testing.T) {
			d.User, d.Password = "ann", Password{Env: "secret"}
			r := runDaemon(t, d)
			if at := r.said(t, `address +ftp://(\S+)/`); name == "once" {
				visit(t, at, "ann", "secret").do("QUIT", proto.Closing)
			}
			if err := <-r.ended; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDaemonRefusals(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		d    Daemon
		want string
		code int // exit status, 0 when the error has none
	}{
		{"certificate without TLS", Daemon{TLS: Encryption{Policy: TLSOff, Pairs: []certs.Pair{{Cert: "c"}}}}, "--tls is off", 2},
		{"implicit TLS without TLS", Daemon{TLS: Encryption{Policy: TLSOff, Implicit: []string{"127.0.0.1:0"}}}, "--tls is off", 2},
		{"no such certificate", Daemon{TLS: Encryption{Pairs: []certs.Pair{{Cert: file + "x"}}}}, "--cert", 0},
		{"no such authority", Daemon{TLS: Encryption{ClientCA: file}}, "--client-ca", 0},
		{"no such directory", Daemon{Dir: file + "x"}, "file" + "x", 0},
		{"not a directory", Daemon{Dir: file}, "not a directory", 0},
		{"address in use", Daemon{Listen: []string{taken.Addr().String()}}, "--listen " + taken.Addr().String(), 0},
		{"no such users file", Daemon{UsersFile: file + "x"}, "--users", 0},
		{"no such password file", Daemon{Password: Password{File: file + "x"}}, "--password-file", 0},
		{"empty password file", Daemon{Password: Password{File: file}}, "empty", 0},
		{"log can't be written", Daemon{LogFile: filepath.Join(file, "log")}, "--log", 0},
		{"no such user to become", Daemon{RunAs: "nobody-of-that-name"}, "--run-as", 0},
		{"bad limits", Daemon{Limits: Limits{Idle: 5}}, "idle", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := c.d
			d.Out, d.Err = io.Discard, io.Discard
			if d.Dir == "" {
				d.Dir = t.TempDir()
			}
			if d.Listen == nil {
				d.Listen = []string{"127.0.0.1:0"}
			}
			err := d.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q in it", err, c.want)
			}
			var usage *UsageError
			if code := 0; errors.As(err, &usage) {
				code = usage.ExitStatus()
				if code != c.code {
					t.Errorf("exit status %d, want %d", code, c.code)
				}
			} else if c.code != 0 {
				t.Errorf("no exit status, want %d", c.code)
			}
		})
	}
}

// Port 21 where it may be bound, else 2121, said aloud.
func TestListenElse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var said logText
	ln, err := Daemon{Err: &said}.listenElse(t.Context(), taken.Addr().String(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if !strings.Contains(said.String(), "in use") || !strings.Contains(said.String(), ln.Addr().String()+" instead") {
		t.Errorf("said %q", said.String())
	}
	if _, err := (Daemon{}).listenElse(t.Context(), taken.Addr().String(), taken.Addr().String()); err == nil {
		t.Error("neither can be listened on, yet no error")
	}
}

func TestListenAddress(t *testing.T) {
	for in, want := range map[string]string{
		"2121":         ":2121",
		":2121":        ":2121",
		"10.0.0.1":     "10.0.0.1:21",
		"10.0.0.1:990": "10.0.0.1:990",
		"[::1]":        "[::1]:21",
		"::1":          "[::1]:21",
		"[::1]:2121":   "[::1]:2121",
		"example.org":  "example.org:21",
	} {
		if got := listenAddress(in, "21"); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestPasswordFile(t *testing.T) {
	for in, want := range map[string]string{
		"secret":               "secret",
		"secret\n":             "secret",
		"secret\r\nmore\n":     "secret",
		" with blanks \n":      " with blanks ",
		strings.Repeat("a", 9): strings.Repeat("a", 9),
	} {
		got, err := Password{File: "-", Stdin: strings.NewReader(in)}.read()
		if err != nil || got.Reveal() != want {
			t.Errorf("%q: got %q, %v", in, got.Reveal(), err)
		}
	}
}

func TestMadeUpPasswords(t *testing.T) {
	seen := map[proto.Secret]bool{}
	shape := regexp.MustCompile(`^[a-z2-9]{4}(-[a-z2-9]{4}){3}$`)
	for range 1000 {
		p := makePassword()
		if seen[p] || !shape.MatchString(p.Reveal()) {
			t.Fatalf("made up %q", p.Reveal())
		}
		seen[p] = true
	}
}

// What is printed must work when pasted into a shell, whatever the name is.
func TestPasteQuoting(t *testing.T) {
	if got, want := curlLogin("it's me"), `-u 'it'\''s me' `; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := urlLogin("a b@c/d:pw-1"), "a%20b%40c%2Fd:pw-1@"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
