package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
)

const (
	statFirst = "S: 213-Status follows:\n"
	statLine  = "S: -rw-r--r--   1 anna users          5 Nov 22 13:00 a.txt\n"
	statDots  = "S: drwxr-xr-x   2 anna users       4096 Nov 22 13:00 .\nS: drwxr-xr-x   2 anna users       4096 Nov 22 13:00 ..\n"
	statLast  = "S: 213 End of status\n"
)

// A listing as a reply. What each server makes of it was seen in the lab.
func TestListByStat(t *testing.T) {
	for _, tt := range []struct {
		name, script, path, flags string
		want                      []string
		is                        error
		code                      proto.Code
	}{
		{name: "here", script: "C: STAT .\n" + statFirst + statLine + statLast, want: []string{"a.txt"}},
		{name: "vsftpd, with dots", script: "C: STAT d\n" + statFirst + statDots + statLine + statLast, path: "d", want: []string{"a.txt"}},
		{name: "ProFTPD: 212, indented", script: "C: STAT d\nS: 212-Status of d:\n" + strings.ReplaceAll(statLine, "S: ", "S:  ") + "S: 212 End of status\n", path: "d", want: []string{"a.txt"}},
		{name: "every line with its code", script: "C: STAT d\n" + statFirst + strings.ReplaceAll(statLine, "S: ", "S: 213-") + statLast, path: "d", want: []string{"a.txt"}},
		{name: "DOS", script: "C: STAT d\n" + statFirst + "S: 11-22-26  01:00PM                    5 a.txt\n" + statLast, path: "d", want: []string{"a.txt"}},
		{name: "flags", script: "C: STAT -a d\n" + statFirst + statLine + statLast, path: "d", flags: "-a", want: []string{"a.txt"}},
		{name: "a name like a flag", script: pwd + "C: CWD -d\nS: 250 ok\nC: STAT .\n" + statFirst + statLine + statLast + "C: CWD /\nS: 250 ok\n", path: "-d", want: []string{"a.txt"}},
		{name: "empty", script: "C: STAT d\n" + statFirst + statDots + statLast, path: "d"},
		{name: "not there: vsftpd says nothing of it", script: "C: STAT d\n" + statFirst + statLast + pwd + "C: CWD d\nS: 550 no\nC: CWD /\nS: 250 ok\n", path: "d", code: 550},
		{name: "really empty", script: "C: STAT d\n" + statFirst + statLast + pwd + "C: CWD d\nS: 250 ok\nC: CWD /\nS: 250 ok\n", path: "d"},
		{name: "refused", script: "C: STAT d\nS: 550 no\n", path: "d", code: 550},
		{name: "of the server after all", script: "C: STAT d\nS: 211-Server status\nS:  logged in\nS: 211 End\n", path: "d", code: 211},
		{name: "Pure-FTPd's truncation", script: "C: STAT d\n" + statFirst + statLine + "S: 213 Output truncated to 10000 matches\n", path: "d", want: []string{"a.txt"}, is: client.ErrIncomplete},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, plain+tt.script+"C: NOOP\nS: 200 ok\n", func(ctx context.Context, s *stage) {
				s.cfg.Lists, s.cfg.ListFlags = client.ListsBySTAT, tt.flags
				c := s.login(ctx)
				got, err := names(ctx, c, tt.path)
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Error(d)
				}
				checkError(t, err, tt.is, tt.code, "")
				if err := c.Noop(ctx); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// What is not understood is kept, and shown as it is.
func TestListByStatKeepsAll(t *testing.T) {
	play(t, plain+"C: STAT .\n"+statFirst+statLine+"S: what is this\n"+statLast, func(ctx context.Context, s *stage) {
		s.cfg.Lists = client.ListsBySTAT
		var unknown []string
		for l, err := range s.login(ctx).List(ctx, "") {
			if err != nil {
				t.Fatal(err)
			}
			if l.Verdict == list.Unknown {
				unknown = append(unknown, l.Text)
			}
		}
		if d := cmp.Diff([]string{"what is this"}, unknown); d != "" {
			t.Error(d)
		}
	})
}

// Where no data connection can be had, and STAT knows the directory, that is
// the way, and the next listing takes it at once. What was given of a listing
// is never given twice.
func TestListFallsBackToStat(t *testing.T) {
	const refused = "C: EPSV\nS: 502 no\nC: PASV\nS: 502 no\n"
	const stat = "C: STAT .\n" + statFirst + statLine + statLast
	for _, tt := range []struct {
		name, script string
		times        int
		want         []string
		code         proto.Code
	}{
		{"refused", refused + stat + stat, 2, []string{"a.txt", "a.txt"}, 0},
		{"425", epsv + "C: LIST\nS: 425 no\n" + stat + stat, 2, []string{"a.txt", "a.txt"}, 0},
		{"no STAT either", refused + "C: STAT .\nS: 502 no\n", 1, nil, 502},
		{"cut", epsv + "C: LIST\nS: 150 x\nDS! " + unixLine + "\nS: 426 cut\n", 1, []string{"a.txt"}, 426},
		{"no such directory", epsv + "C: LIST\nS: 550 no\n", 1, nil, 550},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loggedIn(t, tt.script, func(ctx context.Context, c *client.Client) {
				var got []string
				var err error
				for range tt.times {
					some, lerr := names(ctx, c, "")
					got, err = append(got, some...), errors.Join(err, lerr)
				}
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Error(d)
				}
				checkError(t, err, nil, tt.code, "")
			})
		})
	}
}

// LIST where MLSD is there, too: some servers hide names from it.
func TestListsByLIST(t *testing.T) {
	play(t, featured("MLST type*;")+epsv+"C: LIST\nS: 150 x\nDS: "+unixLine+"\nS: 226 done\n", func(ctx context.Context, s *stage) {
		s.cfg.Lists = client.ListsByLIST
		if got, err := names(ctx, s.login(ctx), ""); len(got) != 1 || err != nil {
			t.Error(got, err)
		}
	})
}
