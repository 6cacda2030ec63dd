package client_test

import (
	"context"
	"strings"
	"testing"

	"ferry/proto/client"
)

func listedNames(l client.Listed) string {
	var all []string
	for _, line := range l.Lines {
		all = append(all, line.Entry.Name)
	}
	return strings.Join(all, " ")
}

const statFile = "S: -rw-r--r-- 1 a b 5 Nov 22 17:37 "

// An answer without the directory itself in it may leave names out, or be that
// of a directory that can't be read: such are listed again, by themselves. So
// are those whose names STAT might take for patterns or flags.
func TestListDirsBySTAT(t *testing.T) {
	dots := "S: drwxr-xr-x 2 a b 4096 Nov 22 17:37 .\nS: drwxr-xr-x 2 a b 4096 Nov 22 17:37 ..\n"
	listing := "S: 150 go\nDS: -rw-r--r-- 1 a b 5 Nov 22 17:37 other\\r\\n\nS: 226 done\n"
	script := "C: STAT full\nC: STAT bare\nC: STAT none\nC: STAT gone\nC: STAT cut\n" +
		"S: 213-Status follows:\n" + dots + statFile + ".x\nS: 213 End\n" +
		"S: 212-Status\n" + statFile + "y\nS: 212 End\n" +
		"S: 213-Status\nS: 213 End\n" +
		"S: 550 no such directory\n" +
		"S: 213-Status\n" + dots + "S: 213 Output truncated to 10000 matches\n"
	for _, dir := range []string{"bare", "bare", "none"} { // y is gone, which is asked twice
		script += epsv + "C: LIST " + dir + "\n" + listing
	}
	script += epsv + "C: LIST gone\nS: 550 no such directory\n" + epsv + "C: LIST cut\n" + listing +
		"C: PWD\nS: 257 \"/\"\nC: CWD [odd]\nS: 250 ok\nC: STAT .\nS: 502 no\nC: CWD /\nS: 250 ok\n" +
		"C: CWD [odd]\nS: 250 ok\n" + epsv + "C: LIST\n" + listing + "C: CWD /\nS: 250 ok\n" +
		"C: CWD [b]\nS: 250 ok\nC: STAT .\nS: 213-Status\n" + dots + statFile + ".x\nS: 213 End\nC: CWD /\nS: 250 ok\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		all, err := c.ListDirs(ctx, []string{"full", "bare", "none", "gone", "cut", "[odd]", "[b]"})
		if err != nil || len(all) != 7 {
			t.Fatal(all, err)
		}
		for i, want := range []string{".x", "other", "other", "", "other", "other", ".x"} {
			if got := listedNames(all[i]); got != want || (all[i].Err != nil) != (want == "") {
				t.Errorf("%d: %q, %v, want %q", i, got, all[i].Err, want)
			}
		}
	})
}

// A server whose STAT lists nothing is asked by it once.
func TestListDirsWithoutSTAT(t *testing.T) {
	listing := "S: 150 go\nDS: -rw-r--r-- 1 a b 5 Nov 22 17:37 x\\r\\n\nS: 226 done\n"
	script := "C: STAT a\nC: STAT b\nS: 502 no\nS: 502 no\n" + epsv + "C: LIST a\n" + listing + epsv + "C: LIST b\n" + listing + epsv + "C: LIST c\n" + listing
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		for _, level := range [][]string{{"a", "b"}, {"c"}} {
			if all, err := c.ListDirs(ctx, level); err != nil || len(all) != len(level) || listedNames(all[0]) != "x" {
				t.Error(all, err)
			}
		}
		if !c.ListsSingly() {
			t.Error("nothing was learned")
		}
	})
}

// A listing that was cut ends as a whole one does: what STAT has shown is missed.
func TestListDirsMissesNames(t *testing.T) {
	script := "C: STAT d\nS: 212-Status\n" + statFile + "y\nS: 212 End\n" +
		epsv + "C: LIST d\nS: 150 go\nDS:\nS: 226 done\n" +
		epsv + "C: LIST d\nS: 150 go\nDS: -rw-r--r-- 1 a b 5 Nov 22 17:37 .x\\r\\n-rw-r--r-- 1 a b 5 Nov 22 17:37 y\\r\\n\nS: 226 done\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		all, err := c.ListDirs(ctx, []string{"d"})
		if err != nil || len(all) != 1 || all[0].Err != nil || listedNames(all[0]) != ".x y" {
			t.Error(all, err)
		}
	})
}

// At ferry's own server they come over one data connection.
func TestListDirsOverLane(t *testing.T) {
	block := func(name string) string {
		text := "type=file;size=5; " + name + `\r\n`
		return `DS+ \x40\x00\x` + hex2(len(text)-2) + text + "\n"
	}
	script := laneOpen + "C: MLSD a1\nC: MLSD b1\nC: MLSD c1\n" +
		"S: 125 go\n" + block("x") + "S: 250 done\nS: 550 no\nS: 125 go\n" + block("z") + "S: 250 done\n"
	play(t, featured("CHAN SHA-256", "MLST size*;type*;")+script, func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		all, err := c.ListDirs(ctx, []string{"a1", "b1", "c1"})
		if err != nil || len(all) != 3 || listedNames(all[0]) != "x" || code(all[1].Err) != 550 || listedNames(all[2]) != "z" {
			t.Error(all, err)
		}
	})
}

func hex2(n int) string { const d = "0123456789abcdef"; return string([]byte{d[n>>4], d[n&15]}) }
