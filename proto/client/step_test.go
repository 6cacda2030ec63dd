package client_test

import (
	"context"
	"errors"
	"testing"

	"ferry/proto/client"
)

// Replies that can't belong to the command break the session: every later
// one would be taken for its predecessor's.
func TestOutOfStep(t *testing.T) {
	for _, tt := range []struct{ name, script string }{
		{"229 to PWD", "C: PWD\nS: 229 (|||4000|)\n"},
		{"350 to PWD", "C: PWD\nS: 350 go on\n"},
		{"226 to PWD, no transfer before", "C: PWD\nS: 226 done\n"},
		{"150 to PWD, no transfer before", "C: PWD\nS: 150 here\nS: 257 \"/\"\n"},
		{"220 to PWD", "C: PWD\nS: 220 hello again\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loggedIn(t, tt.script, func(ctx context.Context, c *client.Client) {
				_, err := c.Pwd(ctx)
				var se *client.StepError
				if !errors.As(err, &se) || !c.Broken() {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// What follows a transfer late is passed over, though not without end.
func TestStraysBehindATransfer(t *testing.T) {
	script := epsv + retr + "C: NOOP\nS: 226 again\nS: 426 late\nS: 150 and this\nS: 200 ok\nC: NOOP\nS: 200 ok\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		get(ctx, t, c, "hello")
		for range 2 {
			if err := c.Noop(ctx); err != nil {
				t.Error(err)
			}
		}
	})
}

// A login that is answered with something else is none.
func TestNotALogin(t *testing.T) {
	play(t, "S: 220 hello\nC: USER anna\nS: 331 ?\nC: PASS pw\nS: 226 an old one\n", func(ctx context.Context, s *stage) {
		c := s.dial(ctx)
		if err := c.Login(ctx, client.Credentials{User: "anna", Pass: "pw"}); err == nil || !c.Broken() {
			t.Errorf("got %v", err)
		}
	})
}
