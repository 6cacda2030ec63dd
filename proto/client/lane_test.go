package client_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"ferry/proto/client"
)

// laneFile is a file on a lane, made by hand, as the scripts have it.
func laneFile(text string) string {
	said := fmt.Sprintf("sha-256=%x;", sha256.Sum256([]byte(text)))
	return fmt.Sprintf(`\x00\x00\x%02x%s\x10\x00\x%02x%s\x40\x00\x00`, len(text), text, len(said), said)
}

const laneOpen = "C: MODE B\nC: EPSV\nS: 200 ok\nS: 229 Entering (|||${port}|)\nC: CHAN\nS: 225 open\n"

func onLane(t *testing.T, script string, f func(ctx context.Context, c *client.Client)) {
	t.Helper()
	play(t, featured("CHAN SHA-256")+script, func(ctx context.Context, s *stage) { f(ctx, s.login(ctx)) })
}

// All commands go ahead; each file has its own verdict and sum.
func TestLaneDown(t *testing.T) {
	three := "C: RETR a1\nC: RETR b1\nC: RETR c1\n"
	file := func(text string) string { return "S: 125 go\nDS+ " + laneFile(text) + "\nS: 250 done\n" }
	damaged := "S: 125 go\nDS+ " + strings.Replace(laneFile("bbbbb"), "bbbbb", "bbbbc", 1) + "\nS: 250 done\n"
	spoilt := `S: 125 go` + "\n" + `DS+ \x00\x00\x02bb\x60\x00\x01?` + "\nS: 451 disk\n"
	for _, tt := range []struct{ name, script, told string }{
		{"all", file("aaaaa") + file("bbbbb") + file("ccccc"), "0:ok5 1:ok5 2:ok5"},
		{"one missing", file("aaaaa") + "S: 550 no\n" + file("ccccc"), "0:ok5 1:550 2:ok5"},
		{"one damaged", file("aaaaa") + damaged + file("ccccc"), "0:ok5 1:0 2:ok5"},
		{"one the server can't finish", file("aaaaa") + spoilt + file("ccccc"), "0:ok5 1:451 2:ok5"},
		{"cut in the middle", file("aaaaa") + "S: 125 go\n" + `DS! \x00\x00\x05bb` + "\nS: 426 cut\n", "0:ok5 1:426"},
		{"hangup", file("aaaaa") + "S.\n", "0:ok5 1:0"},
		{"a reply that is none of ours", file("aaaaa") + "S: 257 \"/\"\n", "0:ok5 1:0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onLane(t, laneOpen+three+tt.script, func(ctx context.Context, c *client.Client) {
				var b basket
				n, err := c.RetrieveBatch(ctx, b.pulls("a1", "b1", "c1"), b.each)
				b.want(t, tt.told)
				if n != len(b.told) || (n == 3) != (err == nil) || (err != nil) != c.Broken() {
					t.Errorf("%d files, %v, broken: %v", n, err, c.Broken())
				}
			})
		})
	}
}

// A file that can't be opened here, or is refused there, has its place on the
// lane: a byte that is called suspect, or what was sent already.
func TestLaneUp(t *testing.T) {
	three := "C: STOR a1\nC: STOR b1\nC: STOR c1\n"
	onLane(t, laneOpen+three+
		"DC+ "+laneFile("of a1")+"\nS: 125 go\nS: 250 modify=20260102030405; done\n"+
		`DC+ \x60\x00\x01?`+"\nS: 125 go\nS: 451 suspect\n"+
		"DC+ "+laneFile("of c1")+"\nS: 553 no\n", func(ctx context.Context, c *client.Client) {
		var b basket
		pushes := b.pushes("a1", "b1", "c1")
		gone := errors.New("gone")
		pushes[1].Open = func() (io.Reader, error) { return nil, gone }
		var verdicts []client.Verdict
		n, err := c.StoreBatch(ctx, pushes, func(i int, v client.Verdict) { verdicts = append(verdicts, v) })
		if n != 3 || err != nil {
			t.Fatal(n, err)
		}
		var le *client.LocalError
		if v := verdicts[0]; v.Err != nil || !v.Hash || !v.Timed {
			t.Errorf("a1: %+v", v)
		}
		if v := verdicts[1]; !errors.Is(v.Err, gone) || !errors.As(v.Err, &le) {
			t.Errorf("b1: %+v", v)
		}
		if v := verdicts[2]; code(v.Err) != 553 {
			t.Errorf("c1: %+v", v)
		}
	})
}

// A server that announces CHAN and refuses it is served as any other.
func TestLaneRefused(t *testing.T) {
	refused := strings.Replace(laneOpen, "S: 225 open", "S: 502 no", 1)
	onLane(t, refused+"C: MODE S\nS: 200 ok\nC: EPSV\n"+s229+"C: RETR a1\n"+mark+"DS: aaaaa\nS: 226 ok\n",
		func(ctx context.Context, c *client.Client) {
			var b basket
			n, err := c.RetrieveBatch(ctx, b.pulls("a1"), b.each)
			if b.want(t, "0:ok5"); n != 1 || err != nil || !c.Quirks().NoChannel {
				t.Error(n, err, c.Quirks())
			}
		})
}
