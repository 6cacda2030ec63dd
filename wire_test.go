package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/memnet"
	"ferry/proto/wiretest"
	"ferry/serve"
	"ferry/serve/users"
)

// TestTranscriptsBothEnds plays each dialogue of testdata/*.wire twice: its
// client's lines against the server, and its server's lines against the
// client. Both ends agree on every byte that the file has, then, and with
// whoever else speaks so. Then once more under TLS.
func TestTranscriptsBothEnds(t *testing.T) {
	visits := visits()
	files, err := filepath.Glob("testdata/*.wire")
	if err != nil || len(files) != len(visits) {
		t.Fatalf("%d transcripts for %d visits, %v", len(files), len(visits), err)
	}
	for _, v := range []veil{{}, {tls.VersionTLS12, true}, {tls.VersionTLS13, true}} {
		features := featureLines(t, v)
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".wire")
			visit := visits[name]
			switch {
			case visit == nil:
				t.Fatalf("%s: nothing says what the client does there", file)
			case v.version != 0 && name == "login":
				continue // REIN ends TLS, and so the dialogue
			case v.version != 0:
				name += " " + v.String()
			}
			script := parseWire(t, v, file, features)
			t.Run(name, func(t *testing.T) {
				t.Run("server", func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { playServer(t, v, script) })
				})
				t.Run("client", func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { playClient(t, v, script, visit) })
				})
			})
		}
	}
}

// clientEnd is a network on which the script's client speaks TLS.
func (v veil) clientEnd(n proto.Network) proto.Network {
	if v.version == 0 {
		return n
	}
	cfg := &tls.Config{
		InsecureSkipVerify: true, ServerName: "ftp.example", MinVersion: v.version, MaxVersion: v.version,
		ClientSessionCache: tls.NewLRUClientSessionCache(1),
	}
	return wiretest.Veil{Network: n, Wrap: func(nc net.Conn) net.Conn { return tls.Client(nc, cfg) }}
}

// serverEnd is a network on which the script's server does.
func (v veil) serverEnd(n proto.Network, crypt serve.TLS) proto.Network {
	if v.version == 0 {
		return n
	}
	cfg := &tls.Config{GetCertificate: crypt.Certificate, MinVersion: v.version, MaxVersion: v.version}
	return wiretest.Veil{Network: n, Wrap: func(nc net.Conn) net.Conn { return tls.Server(nc, cfg) }}
}

// playServer plays the client against ferry's server.
func playServer(t *testing.T, v veil, script wiretest.Script) {
	network := memnet.New()
	hosts := ipv4()
	files, addr := serveOver(t, v, v.server(t), network, hosts.server, staff{})
	p := &bothEnds{t: t, files: files}
	_ = files.Mkdir(t.Context(), "/d")
	p.put("/d/a b", []byte("hello\n"))
	p.put("/big", bytes.Repeat([]byte("half"), 1<<20))
	if err := files.SetModTime(t.Context(), "/d/a b", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	from := v.clientEnd(network.Host(hosts.client))
	nc, err := from.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	player := wiretest.Player{Role: proto.FromClient, Conn: nc, Network: from}
	if err := player.Play(t.Context(), script); err != nil {
		t.Error(err)
	}
	if strings.HasSuffix(script.Name, "store.wire") {
		if got := string(p.stored("/n")) + string(p.stored("/r")); got != "newerone\ntwo\n" {
			t.Errorf("stored %q", got)
		}
	}
}

// playClient plays the server against ferry's client.
func playClient(t *testing.T, v veil, script wiretest.Script, visit visit) {
	network := memnet.New()
	hosts, crypt := ipv4(), v.server(t)
	at := v.serverEnd(network.Host(hosts.server), crypt)
	ln, err := at.Listen(t.Context(), "tcp", netip.AddrPortFrom(hosts.server, 21).String())
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	played := make(chan error, 1)
	go func() {
		nc, err := ln.Accept()
		if err != nil {
			played <- err
			return
		}
		player := wiretest.Player{Role: proto.FromServer, Conn: nc, Network: at, Vars: map[string]string{"unique": "/n-1"}}
		played <- player.Play(context.WithoutCancel(t.Context()), script)
		nc.Close()
	}()
	c, err := client.Dial(t.Context(), ln.Addr().String(), v.client(t, client.Config{Network: network.Host(hosts.client)}, crypt))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	visit(t, c)
	if err := c.Quit(t.Context()); err != nil {
		t.Errorf("quit: %v", err)
	}
	if err := <-played; err != nil {
		t.Error(err)
	}
}

// staff is anna, and clerk, who needs an account.
type staff struct{}

func (s staff) Login(_ context.Context, name string, pass proto.Secret) (users.Record, error) {
	if r, err := s.Lookup(name); err == nil && pass == "secret" {
		return r, nil
	}
	return users.Record{}, users.ErrDenied
}

func (staff) Lookup(name string) (users.Record, error) {
	switch name {
	case "anna":
		return users.Record{Name: name, Home: "/", Perm: users.All}, nil
	case "clerk":
		return users.Record{Name: name, Home: "/", Perm: users.All, Account: "books"}, nil
	}
	return users.Record{}, users.ErrDenied
}

// featureLines is what the server says to FEAT behind a login, as lines of a
// transcript: the dialogues are not about it, but a client goes by it.
func featureLines(t *testing.T, v veil) (lines string) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		_, addr := serveOver(t, v, v.server(t), network, ipv4().server, staff{})
		nc, err := v.clientEnd(network.Host(ipv4().client)).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		conn := proto.NewConn(nc, nil)
		for _, cmd := range []proto.Command{proto.Cmd("USER", "anna"), proto.Cmd("PASS", "secret"), proto.Cmd("FEAT")} {
			if err := conn.WriteCommand(cmd); err != nil {
				t.Fatal(err)
			}
		}
		if err := conn.Flush(); err != nil {
			t.Fatal(err)
		}
		var r proto.Reply
		for r.Code != proto.SystemStatus {
			if r, err = conn.ReadReply(); err != nil {
				t.Fatal(err)
			}
		}
		last := len(r.Lines) - 1
		lines = "S: 211-" + strings.Join(r.Lines[:last], "\nS: ") + "\nS: 211 " + r.Lines[last] + "\n"
		lines = strings.ReplaceAll(lines, "*", `\*`)
	})
	return lines
}

// parseWire reads a transcript. "#include prelude" is a login, "#include
// settled" what the client asks behind it.
func parseWire(t *testing.T, v veil, file, features string) wiretest.Script {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	settled := "C: FEAT\n" + features + "C: OPTS UTF8 ON\nS: 200 *\nC: TYPE I\nS: 200 *\n"
	prelude := "C: USER anna\nS: 331 *\nC: PASS secret\nS: 230 *\n" + settled
	whole := strings.NewReplacer("#include prelude\n", prelude, "#include settled\n", settled).Replace(string(text))
	if v.version != 0 {
		whole = strings.Replace(whole, "S: 220 *\n", "S: 220 *\nC: PBSZ 0\nS: 200 *\nC: PROT P\nS: 200 *\n", 1)
	}
	script, err := wiretest.Parse(file, whole)
	if err != nil {
		t.Fatal(err)
	}
	return script
}

// refused checks that an error is a reply with that code.
func refused(t *testing.T, err error, code proto.Code) {
	t.Helper()
	var re *proto.ReplyError
	if !errors.As(err, &re) || re.Reply.Code != code {
		t.Errorf("got %v, want %d", err, code)
	}
}

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func login(t *testing.T, c *client.Client, user, pass, account string) error {
	t.Helper()
	return c.Login(t.Context(), client.Credentials{User: user, Pass: proto.Secret(pass), Account: proto.Secret(account)})
}

// fetched retrieves a file and compares.
func fetched(t *testing.T, c *client.Client, tr client.Transfer, want string) {
	t.Helper()
	var b bytes.Buffer
	if _, err := c.Retrieve(t.Context(), "d/a b", &b, tr); err != nil || b.String() != want {
		t.Errorf("got %q, %v; want %q", b.String(), err, want)
	}
}

// stopping calls stop after so many bytes.
type stopping struct {
	left int
	stop func()
}

func (s *stopping) Write(b []byte) (int, error) {
	if s.left -= len(b); s.left <= 0 {
		s.stop()
	}
	return len(b), nil
}
