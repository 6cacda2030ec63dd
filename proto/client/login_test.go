package client_test

import (
	"context"
	"errors"
	"testing"

	"ferry/proto"
	"ferry/proto/client"
)

const prompt = "C: FEAT\nS: 211 none\nC: TYPE I\nS: 200 ok\n"

func TestLogins(t *testing.T) {
	anna := client.Credentials{User: "anna", Pass: "pw", Account: "acct"}
	for _, tt := range []struct {
		name, script string
		who          client.Credentials
	}{
		{"331 230", "C: USER anna\nS: 331 ?\nC: PASS pw\nS: 230 in\n", anna},
		{"230 at once", "C: USER anna\nS: 230 in\n", anna},
		{"232 at once", "C: USER anna\nS: 232 in by certificate\n", anna},
		{"account after the name", "C: USER anna\nS: 332 ?\nC: ACCT acct\nS: 230 in\n", anna},
		{"account after the password", "C: USER anna\nS: 331 ?\nC: PASS pw\nS: 332 ?\nC: ACCT acct\nS: 230 in\n", anna},
		{"password superfluous", "C: USER anna\nS: 331 ?\nC: PASS pw\nS: 202 no need\n", anna},
		{"anonymous", "C: USER anonymous\nS: 331 ?\nC: PASS anonymous@\nS: 230 in\n", client.Credentials{}},
		{"anonymous without password", "C: USER anonymous\nS: 230 in\n", client.Credentials{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, "S: 220 hello\n"+tt.script+prompt, func(ctx context.Context, s *stage) {
				if err := s.dial(ctx).Login(ctx, tt.who); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestLoginAfterA230Greeting(t *testing.T) {
	play(t, "S: 230 come in, all of you\n"+prompt, func(ctx context.Context, s *stage) {
		if err := s.dial(ctx).Login(ctx, client.Credentials{User: "anna"}); err != nil {
			t.Error(err)
		}
	})
}

func TestLoginRefused(t *testing.T) {
	const script = `S: 220 hello
C: USER anna
S: 331 ?
C: PASS wrong
S: 530 no
C: USER anna
S: 331 ?
C: PASS right
S: 332 account?
C: USER anna
S: 331 ?
C: PASS right
S: 230 in
` + prompt
	play(t, script, func(ctx context.Context, s *stage) {
		c := s.dial(ctx)
		err := c.Login(ctx, client.Credentials{User: "anna", Pass: "wrong"})
		var le *client.LoginError
		if !errors.As(err, &le) || code(err) != proto.NotLoggedIn || err.Error() != "login of anna: PASS: 530 no" {
			t.Errorf("wrong password: %v", err)
		}
		err = c.Login(ctx, client.Credentials{User: "anna", Pass: "right"})
		if !errors.As(err, &le) || !errors.Is(err, client.ErrNeedAccount) {
			t.Errorf("no account: %v", err)
		}
		if err = c.Login(ctx, client.Credentials{User: "anna", Pass: "right"}); err != nil {
			t.Errorf("third: %v", err)
		}
	})
}

func TestLoginLost(t *testing.T) {
	play(t, "S: 220 hello\nC: USER anna\nS: 421 too many users\n", func(ctx context.Context, s *stage) {
		c := s.dial(ctx)
		err := c.Login(ctx, client.Credentials{User: "anna", Pass: "pw"})
		var le *client.LostError
		if !errors.As(err, &le) || code(err) != proto.Unavailable || !c.Broken() {
			t.Errorf("got %v", err)
		}
	})
}

func TestUTF8IsAskedForOnlyWhereItIsOffered(t *testing.T) {
	const in = "C: USER anna\nS: 230 in\nC: FEAT\n"
	const feat = "S: 211-Features:\nS:  UTF8\nS: 211 End\n"
	for _, tt := range []struct{ name, greeting, script string }{
		{"offered", "hello", in + feat + "C: OPTS UTF8 ON\nC: TYPE I\nS: 200 ok\nS: 200 ok\n"},
		{"Pure-FTPd refuses", "hello", in + feat + "C: OPTS UTF8 ON\nS: 504 unknown\nC: TYPE I\nS: 200 ok\n"},
		{"FileZilla", "FileZilla Server 1.6.6", in + feat + "C: TYPE I\nS: 200 ok\n"},
		{"not offered", "hello", in + "S: 211 none\nC: TYPE I\nS: 200 ok\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, "S: 220 "+tt.greeting+"\n"+tt.script, func(ctx context.Context, s *stage) {
				if err := s.dial(ctx).Login(ctx, client.Credentials{User: "anna"}); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Some servers repeat the code on every line, some don't indent.
func TestFeaturesOfOddShape(t *testing.T) {
	const script = `S: 220 hello
C: USER anna
S: 230 in
C: FEAT
S: 211-Features:
S: 211-MDTM
S: SIZE
S:  rest STREAM
S: 211 End.
C: TYPE I
S: 200 ok
`
	play(t, script, func(ctx context.Context, s *stage) {
		c := s.dial(ctx)
		if err := c.Login(ctx, client.Credentials{User: "anna"}); err != nil {
			t.Fatal(err)
		}
		f := c.Features()
		if !f.Has("MDTM") || !f.Has("SIZE") || !f.HasParam("REST", "STREAM") || len(f) != 3 {
			t.Errorf("got %v", f)
		}
	})
}

func TestReinitBeginsAnew(t *testing.T) {
	const script = `C: REIN
S: 120 wait
S: 220 again
C: USER bert
S: 331 ?
C: PASS pw
S: 230 in
C: FEAT
S: 500 no
C: TYPE I
S: 200 ok
`
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		if err := c.Reinit(ctx); err != nil {
			t.Fatal(err)
		}
		if err := c.Login(ctx, client.Credentials{User: "bert", Pass: "pw"}); err != nil {
			t.Error(err)
		}
	})
}

func TestSecretsAreNotTraced(t *testing.T) {
	play(t, "S: 220 hello\nC: USER anna\nS: 331 ?\nC: PASS canary\nS: 332 ?\nC: ACCT canary\nS: 530 no\n",
		func(ctx context.Context, s *stage) {
			var lines []string
			s.cfg.Trace = func(_ proto.Direction, line string) { lines = append(lines, line) }
			err := s.dial(ctx).Login(ctx, client.Credentials{User: "anna", Pass: "canary", Account: "canary"})
			if err == nil {
				t.Fatal("logged in")
			}
			for _, line := range append(lines, err.Error()) {
				if line == "PASS canary" || line == "ACCT canary" {
					t.Errorf("secret in %q", line)
				}
			}
		})
}

// IBM i names files in its own way until told to use paths.
func TestNameFormats(t *testing.T) {
	const in = "S: 220-QTCP at AS400.EXAMPLE.\nS: 220 Connection will close.\nC: USER anna\nS: 230 in\nC: FEAT\nS: 211 none\n"
	for _, tt := range []struct {
		native bool
		script string
	}{
		{false, in + "C: SITE NAMEFMT 1\nS: 250 ok\nC: SITE LISTFMT 1\nS: 250 ok\nC: TYPE I\nS: 200 ok\n"},
		{true, in + "C: TYPE I\nS: 200 ok\n"},
	} {
		play(t, tt.script, func(ctx context.Context, s *stage) {
			s.cfg.NativeNames = tt.native
			if err := s.dial(ctx).Login(ctx, client.Credentials{User: "anna"}); err != nil {
				t.Error(err)
			}
		})
	}
}

// G6 and Raiden refuse UTF8 to clients that don't tell their name.
func TestCLNT(t *testing.T) {
	const script = "S: 220 RaidenFTPD ready\nC: USER anna\nS: 230 in\nC: FEAT\nS: 211-x\nS:  CLNT\nS:  UTF8\nS: 211 End\n" +
		"C: CLNT ferry\nS: 200 ok\nC: OPTS UTF8 ON\nS: 200 ok\nC: TYPE I\nS: 200 ok\n"
	play(t, script, func(ctx context.Context, s *stage) {
		if err := s.dial(ctx).Login(ctx, client.Credentials{User: "anna"}); err != nil {
			t.Error(err)
		}
	})
}
