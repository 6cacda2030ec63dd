package client_test

import (
	"context"
	"strings"
	"testing"

	"ferry/proto/client"
)

// greeted is plain at a server that says what it is; ferry's is UTF-8 before it has said so.
func greeted(name string) string {
	script := strings.Replace(plain, "S: 220 ready", "S: 220 "+name, 1)
	if strings.HasPrefix(name, "ferry") {
		script = strings.Replace(script, "C: TYPE I\n", "C: OPTS UTF8 ON\nS: 200 ok\nC: TYPE I\n", 1)
	}
	return script
}

// Servers that are known to stand flights get one at once. The first connection
// with a server is made before any file is asked for; the others go behind it.
func TestFlightAtOnce(t *testing.T) {
	for _, name := range []string{"(vsFTPd 3.0.3)", "ProFTPD Server (x)", "Welcome to Pure-FTPd", "ferry is ready."} {
		t.Run(name, func(t *testing.T) {
			script := greeted(name) + "C: EPSV\n" + s229 +
				"C: PWD\nC: RETR a1\n" + pair("RETR", "b1") + pair("RETR", "c1") +
				"S: 257 \"/in\"\n" + mark + "DS: aaaaa\nS: 226 done\n" + whole("bbbbb") + whole("ccccc") +
				pair("RETR", "a1") + pair("RETR", "b1") + whole("aaaaa") + whole("bbbbb")
			play(t, script, func(ctx context.Context, s *stage) {
				c := s.login(ctx)
				var b basket
				if n, err := c.RetrieveBatch(ctx, b.pulls("a1", "b1", "c1"), b.each); n != 3 || err != nil {
					t.Fatal(n, err)
				}
				if n, err := c.RetrieveBatch(ctx, b.pulls("a1", "b1"), b.each); n != 2 || err != nil {
					t.Error(n, err)
				}
				b.want(t, "0:ok5 1:ok5 2:ok5 0:ok5 1:ok5")
				if q := c.Quirks(); !q.BatchDown || !q.Reachable {
					t.Errorf("not learned: %+v", q)
				}
			})
		})
	}
}

// Where there is no first connection to be had, nothing has been asked for, and
// the session goes on.
func TestFlightUnreachable(t *testing.T) {
	script := greeted("(vsFTPd 3.0.3)") + "C: EPSV\nS: 500 what?\nC: PASV\nS: 425 no port\nC: NOOP\nS: 200 ok\n"
	play(t, script, func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		var b basket
		n, err := c.RetrieveBatch(ctx, b.pulls("a1", "b1"), b.each)
		if n != 1 || err != nil {
			t.Error(n, err)
		}
		b.want(t, "0:500") // EPSV's says more
		if err := c.Noop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// ferry's server is told in the same write how long an upload will be, in a
// flight and alone; others, and what can't be counted, have nothing in front.
func TestSizeInFront(t *testing.T) {
	knows := featured("RANG STREAM;ALLO", "REST STREAM", "SIZE")
	up := func(name string) string { return "S: 150 go\nDC: of " + name + "\nS: 226 done\n" }
	announced := func(name string) string { return "S: 200 room\n" + s229 + up(name) }
	sizes := "C: SIZE a1\nC: SIZE b1\nS: 213 5\nS: 213 5\n"
	flight := "C: ALLO 5\n" + pair("STOR", "a1") + "C: ALLO 5\n" + pair("STOR", "b1") + announced("a1") + announced("b1") + sizes
	single := "C: EPSV\n" + s229 + "C: ALLO 5\nC: STOR a1\nS: 452 no room\n" + up("a1") + "C: SIZE a1\nS: 213 5\n"
	play(t, knows+flight+single, func(ctx context.Context, s *stage) {
		s.cfg.Quirks = client.Quirks{Reachable: true, BatchUp: true}
		c := s.login(ctx)
		var b basket
		pushes := b.pushes("a1", "b1")
		for i := range pushes {
			pushes[i].Size = 5
		}
		if n, err := c.StoreBatch(ctx, pushes, b.each); n != 2 || err != nil {
			t.Error(n, err)
		}
		b.want(t, "0:ok5 1:ok5")
		if n, err := c.Store(ctx, "a1", strings.NewReader("of a1"), client.Transfer{Size: 5}); n != 5 || err != nil {
			t.Error(n, err)
		}
	})
	without := "C: EPSV\n" + s229 + "C: STOR a1\n" + up("a1") + "C: SIZE a1\nS: 213 5\n"
	for name, script := range map[string]string{"another server": featured("RANG STREAM", "SIZE") + without, "no size": knows + without} {
		t.Run(name, func(t *testing.T) {
			play(t, script, func(ctx context.Context, s *stage) {
				size := int64(5)
				if name == "no size" {
					size = 0
				}
				if n, err := s.login(ctx).Store(ctx, "a1", strings.NewReader("of a1"), client.Transfer{Size: size}); n != 5 || err != nil {
					t.Error(n, err)
				}
			})
		})
	}
}

// What is asked once after the login goes in one write at servers that are known,
// and nobody waits for the answer to QUIT.
func TestOneWriteAfterTheLogin(t *testing.T) {
	for script, name := range map[string]string{
		"C: FEAT\nC: TYPE I\nS: 211-\nS:  UTF8\nS: 211 end\nS: 200 ok\nC: OPTS UTF8 ON\nS: 200 ok\n": "ProFTPD Server (x)",
		"C: FEAT\nC: TYPE I\nS: 500 what?\nS: 200 ok\n":                                              "(vsFTPd 3.0.3)",
		"C: FEAT\nC: OPTS UTF8 ON\nC: TYPE I\nS: 211-\nS:  UTF8\nS: 211 end\nS: 200 ok\nS: 200 ok\n": "ferry is ready.",
		"C: FEAT\nS: 500 what?\nC: TYPE I\nS: 200 ok\n":                                              "nobody knows it",
	} {
		play(t, strings.Replace(login, "ready", name, 1)+script+"C: QUIT\n", func(ctx context.Context, s *stage) {
			s.login(ctx).Leave(ctx)
		})
	}
}
