package client_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto/client"
)

// Times and names of many uploads go in one write; a time that is refused is
// no failure, a name is.
func TestFinishAll(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	files := []client.Ending{{Temp: "t1", Name: "f1", Time: at}, {Temp: "t2", Name: "f2"}, {Temp: "f3", Time: at}, {Temp: "t4", Name: "f4"}}
	sent := "C: MFMT 20260102030405 t1\nC: RNFR t1\nC: RNTO f1\nC: RNFR t2\nC: RNTO f2\nC: MFMT 20260102030405 f3\nC: RNFR t4\nC: RNTO f4\n"
	for _, tt := range []struct {
		name, answers string
		codes         []int
		lost          bool
	}{
		{"all", "S: 213 ok\nS: 350 go\nS: 250 ok\nS: 350 go\nS: 250 ok\nS: 213 ok\nS: 350 go\nS: 250 ok\n", []int{0, 0, 0, 0}, false},
		{"refused in part", "S: 550 no time\nS: 350 go\nS: 250 ok\nS: 550 gone\nS: 503 RNFR first\nS: 213 ok\nS: 350 go\nS: 553 no\n", []int{0, 550, 0, 553}, false},
		{"cut", "S: 213 ok\nS: 350 go\nS: 250 ok\nS: 350 go\nS.\n", []int{0}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, featured("MFMT")+sent+tt.answers, func(ctx context.Context, s *stage) {
				c := s.login(ctx)
				errs, err := c.FinishAll(ctx, files)
				if len(errs) != len(tt.codes) || (err != nil) != tt.lost {
					t.Fatal(errs, err)
				}
				for i, want := range tt.codes {
					if int(code(errs[i])) != want {
						t.Errorf("file %d: %v", i, errs[i])
					}
				}
			})
		})
	}
	loggedIn(t, "C: RNFR t1\nC: RNTO f1\nS: 350 go\nS: 250 ok\n", func(ctx context.Context, c *client.Client) {
		if c.TimesKnown() {
			t.Error("known, but nobody has asked")
		}
		if errs, err := c.FinishAll(ctx, files[:1]); err != nil || errs[0] != nil {
			t.Error(errs, err)
		}
	})
}

// Whether a new name is there is asked in the same write, by the one command
// that the server has for it.
func TestFinishAllLooks(t *testing.T) {
	for _, tt := range []struct {
		features, look, answer string
		shown                  bool
	}{
		{"MLST type*;", "MLST f1", "250-of f1\nS:  type=file; f1\nS: 250 end", true},
		{"MLST type*;", "MLST f1", "550 no", false},
		{"SIZE", "SIZE f1", "213 5", true},
		{"SIZE", "SIZE f1", "550 no", false},
	} {
		script := featured(tt.features) + "C: RNFR t1\nC: RNTO f1\nC: " + tt.look + "\nC: RNFR t2\nC: RNTO f2\n" +
			"S: 350 go\nS: 250 ok\nS: " + tt.answer + "\nS: 350 go\nS: 553 no\n"
		play(t, script, func(ctx context.Context, s *stage) {
			shown := !tt.shown
			errs, err := s.login(ctx).FinishAll(ctx, []client.Ending{{Temp: "t1", Name: "f1", Shown: &shown}, {Temp: "t2", Name: "f2"}})
			if err != nil || len(errs) != 2 || errs[0] != nil || errs[1] == nil || shown != tt.shown {
				t.Error(tt.look, tt.answer, errs, err, shown)
			}
		})
	}
}

// A file gets the permissions that it shall have before it gets its name; a
// server that doesn't know the command hears it once.
func TestFinishAllWithModes(t *testing.T) {
	files := []client.Ending{{Temp: "t1", Name: "f1", Mode: 0o600}, {Temp: "t2", Name: "f2", Mode: 0o755}, {Temp: "t3", Name: "f3"}}
	sent := "C: SITE CHMOD 600 t1\nC: RNFR t1\nC: RNTO f1\nC: SITE CHMOD 755 t2\nC: RNFR t2\nC: RNTO f2\nC: RNFR t3\nC: RNTO f3\n"
	rest := "S: 350 go\nS: 250 ok\n"
	for answer, again := range map[string]string{
		"200 ok":             "C: SITE CHMOD 640 x\nS: 200 ok\n",
		"550 not yours":      "C: SITE CHMOD 640 x\nS: 550 not yours\n",
		"500 what?":          "",
		"502 not built here": "",
	} {
		loggedIn(t, sent+"S: "+answer+"\n"+rest+"S: "+answer+"\n"+rest+rest+again, func(ctx context.Context, c *client.Client) {
			errs, err := c.FinishAll(ctx, files)
			if err != nil || len(errs) != 3 || errs[0] != nil || errs[1] != nil || errs[2] != nil {
				t.Error(errs, err)
			}
			if err := c.Chmod(ctx, "x", 0o640); (err == nil) != (answer == "200 ok") || errors.Is(err, errors.ErrUnsupported) != (again == "") {
				t.Error(answer, err)
			}
		})
	}
}

// What a server said unasked is found before something is sent: a 421, or the
// end. What is no farewell is passed over.
func TestHear(t *testing.T) {
	const ping = "C: NOOP\nS: 200 ok\n"
	for name, c := range map[string]struct {
		said   string
		broken bool
	}{"nothing": {ping, false}, "421": {"S: 421 Timeout.\n", true}, "the end": {"S.\n", true}, "something": {"S: 200 Hello?\n" + ping, false}} {
		t.Run(name, func(t *testing.T) {
			loggedIn(t, ping+c.said, func(ctx context.Context, conn *client.Client) {
				if err := conn.Noop(ctx); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if conn.Hear(); conn.Broken() != c.broken {
					t.Errorf("broken: %v", conn.Err())
				}
				if err := conn.Noop(ctx); (err != nil) != c.broken {
					t.Error(err)
				}
			})
		})
	}
}
