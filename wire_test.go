package main

import (
	"bytes"
	"context"
	"errors"
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
	"ferry/serve/users"
)

// TestTranscriptsBothEnds plays each dialogue of testdata/*.wire twice: its
// client's lines against the server, and its server's lines against the
// client. Both ends agree on every byte that the file has, then, and with
// whoever else speaks so.
func TestTranscriptsBothEnds(t *testing.T) {
	visits := visits()
	files, err := filepath.Glob("testdata/*.wire")
	if err != nil || len(files) != len(visits) {
		t.Fatalf("%d transcripts for %d visits, %v", len(files), len(visits), err)
	}
	features := featureLines(t)
	for _, file := range files {
		script := parseWire(t, file, features)
		visit := visits[strings.TrimSuffix(filepath.Base(file), ".wire")]
		if visit == nil {
			t.Fatalf("%s: nothing says what the client does there", file)
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Run("server", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { playServer(t, script) })
			})
			t.Run("client", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { playClient(t, script, visit) })
			})
		})
	}
}

// playServer plays the client against ferry's server.
func playServer(t *testing.T, script wiretest.Script) {
	network := memnet.New()
	hosts := ipv4()
	files, addr := serveOn(t, network, hosts.server, staff{})
	p := &bothEnds{t: t, files: files}
	_ = files.Mkdir(t.Context(), "/d")
	p.put("/d/a b", []byte("hello\n"))
	p.put("/big", bytes.Repeat([]byte("half"), 1<<20))
	if err := files.SetModTime(t.Context(), "/d/a b", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	from := network.Host(hosts.client)
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
func playClient(t *testing.T, script wiretest.Script, visit visit) {
	network := memnet.New()
	hosts := ipv4()
	at := network.Host(hosts.server)
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
	c, err := client.Dial(t.Context(), ln.Addr().String(), client.Config{Network: network.Host(hosts.client), TLS: client.TLSOff})
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
func featureLines(t *testing.T) (lines string) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		_, addr := serveOn(t, network, ipv4().server, staff{})
		nc, err := network.Host(ipv4().client).DialContext(t.Context(), "tcp", addr)
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
func parseWire(t *testing.T, file, features string) wiretest.Script {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	settled := "C: FEAT\n" + features + "C: OPTS UTF8 ON\nS: 200 *\nC: TYPE I\nS: 200 *\n"
	prelude := "C: USER anna\nS: 331 *\nC: PASS secret\nS: 230 *\n" + settled
	whole := strings.NewReplacer("#include prelude\n", prelude, "#include settled\n", settled).Replace(string(text))
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
