package client_test

import (
	"context"
	"strings"
	"testing"

	"ferry/proto"
	"ferry/proto/client"
)

// A session beside others doesn't ask again what they know, and says the rest
// in one write; one by one where the server stands no more.
func TestLoginAlike(t *testing.T) {
	const login = "C: USER anna\nS: 331 pass\nC: PASS ****\nS: 230 in\n"
	for _, tt := range []struct{ greeting, want string }{
		{"ready", "SCSCSCCSS"},
		{"Microsoft FTP Service", "SCSCSCSCS"},
	} {
		play(t, "S: 220 "+tt.greeting+"\n"+login+"C: OPTS UTF8 ON\nS: 500 what\nC: TYPE I\nS: 200 ok\nC: PWD\nS: 257 \"/\"\n",
			func(ctx context.Context, s *stage) {
				var order strings.Builder
				s.cfg.Trace = func(from proto.Direction, _ string) { order.WriteByte(byte(from)) }
				s.cfg.Features = proto.Features{"UTF8": ""}
				c := s.login(ctx)
				if order.String() != tt.want || !c.Features().Has("UTF8") || c.Params() != proto.Binary() {
					t.Errorf("%s: in order %s, features %v", tt.greeting, order.String(), c.Features())
				}
				if _, err := c.Pwd(ctx); err != nil {
					t.Error(err)
				}
			})
	}
}

// What one session has learned the others know, whoever learned what.
func TestInherit(t *testing.T) {
	loggedIn(t, "", func(ctx context.Context, c *client.Client) {
		c.Inherit(client.Quirks{BatchDown: true, SetTime: "MFMT"})
		got := c.Inherit(client.Quirks{NoSize: true, SetTime: "UTIME"})
		want := client.Quirks{BatchDown: true, NoSize: true, SetTime: "MFMT"}
		if got != want || c.Quirks() != want {
			t.Errorf("%+v, %+v", got, c.Quirks())
		}
	})
}
