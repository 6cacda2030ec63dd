package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

func TestDirectories(t *testing.T) {
	const script = `C: PWD
S: 257 "/a""b" is the current directory
C: PWD
S: 257 /bare is it
C: PWD
S: 257 "
C: CWD sub
S: 250 ok
C: CDUP
S: 200 ok
C: CDUP
S: 500 what?
C: CWD ..
S: 250 ok
C: MKD d
S: 257 "/x/d" made
C: MKD d
S: 257 done
C: MKD d
S: 250 done
C: MKD d
S: 521 exists
C: RMD d
S: 250 ok
C: RMD d
S: 550 not empty
C: DELE f
S: 250 ok
C: DELE f
S: 202 known, not served
C: RNFR f
S: 350 ok
C: RNTO g
S: 250 ok
C: RNFR f
S: 550 none
C: RNFR f
S: 250 hm
C: RNFR f
S: 350 ok
C: RNTO g
S: 553 exists
`
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		pwd := func(want string) {
			t.Helper()
			dir, err := c.Pwd(ctx)
			if dir != want || (err == nil) != (want != "") {
				t.Errorf("pwd: %q %v", dir, err)
			}
		}
		made := func(want string, wantCode proto.Code) {
			t.Helper()
			if dir, err := c.MakeDir(ctx, "d"); dir != want || code(err) != wantCode {
				t.Errorf("mkd: %q %v", dir, err)
			}
		}
		check := func(what string, err error, want proto.Code) {
			t.Helper()
			if (err == nil) != (want == 0) || code(err) != want {
				t.Errorf("%s: %v", what, err)
			}
		}
		pwd(`/a"b`)
		pwd("/bare")
		pwd("")
		check("cwd", c.ChangeDir(ctx, "sub"), 0)
		check("cdup", c.ChangeToParent(ctx), 0)
		check("cdup not known", c.ChangeToParent(ctx), 0)
		made("/x/d", 0)
		made("d", 0)
		made("d", 0)
		made("", proto.DirectoryExists)
		check("rmd", c.RemoveDir(ctx, "d"), 0)
		check("rmd", c.RemoveDir(ctx, "d"), 550)
		check("dele", c.Delete(ctx, "f"), 0)
		check("202 is not done", c.Delete(ctx, "f"), 202)
		check("rename", c.Rename(ctx, "f", "g"), 0)
		check("rnfr", c.Rename(ctx, "f", "g"), 550)
		check("rnfr without 350", c.Rename(ctx, "f", "g"), 250)
		check("rnto", c.Rename(ctx, "f", "g"), 553)
	})
}

func TestTimes(t *testing.T) {
	const script = `C: MDTM a
S: 213 20261122130000
C: MDTM a
S: 213 191261122130000
C: MDTM a
S: 550 none
C: MDTM a
S: 213 yesterday
`
	at := time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC)
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		for i, want := range []string{"", "", "550", "malformed"} {
			got, err := c.ModTime(ctx, "a")
			if want == "" && (err != nil || !got.Equal(at)) || want != "" && !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("%d: %v %v", i, got, err)
			}
		}
	})
}

func TestSetModTime(t *testing.T) {
	const stamp = "20261122130000"
	for _, tt := range []struct {
		name, script string
		unsupported  bool
		code         proto.Code
	}{
		{"MFMT", featured("MFMT") + "C: MFMT " + stamp + " a\nS: 213 Modify=x; a\n", false, 0},
		{"MFMT says UTIME OK, Pure-FTPd", featured("MFMT") + "C: MFMT " + stamp + " a\nS: 213 UTIME OK\n", false, 0},
		{"MFMT refuses", featured("MFMT") + "C: MFMT " + stamp + " a\nS: 550 no\n", false, 550},
		{"vsftpd: MDTM", featured("MDTM") + "C: MDTM " + stamp + " a\nS: 213 File modification time set.\n" +
			"C: MDTM " + stamp + " a\nS: 213 again\n", false, 0},
		{"SITE UTIME", featured("MDTM") + "C: MDTM " + stamp + " a\nS: 550 no such file\nC: SITE UTIME " + stamp + " a\nS: 200 ok\n" +
			"C: SITE UTIME " + stamp + " a\nS: 200 ok\n", false, 0},
		{"SITE UTIME with five", featured("MDTM") + "C: MDTM " + stamp + " a\nS: 550 no such file\nC: SITE UTIME " + stamp + " a\nS: 501 no\n" +
			"C: SITE UTIME a " + stamp + " " + stamp + " " + stamp + " UTC\nS: 200 ok\n", false, 0},
		{"no FEAT, MFMT all the same", plain + "C: MFMT " + stamp + " a\nS: 213 ok\n", false, 0},
		{"nothing", featured("MDTM") + "C: MDTM " + stamp + " a\nS: 550 x\nC: SITE UTIME *\nS: 500 x\nC: SITE UTIME *\nS: 500 x\n", true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, tt.script, func(ctx context.Context, s *stage) {
				c := s.login(ctx)
				at := time.Date(2026, 11, 22, 14, 0, 0, 0, time.FixedZone("", 3600))
				tries := 1
				if strings.Count(tt.script, "S: 200 ok\nC: SITE") > 0 || tt.unsupported || strings.Contains(tt.script, "again") {
					tries = 2 // what worked, and that nothing works, is remembered
				}
				for range tries {
					err := c.SetModTime(ctx, "a", at)
					if errors.Is(err, errors.ErrUnsupported) != tt.unsupported || !tt.unsupported && code(err) != tt.code ||
						err == nil && (tt.unsupported || tt.code != 0) {
						t.Errorf("got %v", err)
					}
				}
			})
		})
	}
}

func TestSize(t *testing.T) {
	const script = `C: SIZE a
S: 213 12345
C: SIZE a
S: 213 12345 bytes
C: SIZE a
S: 213 9223372036854775808
C: SIZE a
S: 213 -1
C: SIZE a
S: 550 none
C: SIZE a
S: 213-a is a directory
S: 213 End
`
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		for i, want := range []int64{12345, 12345, -1, -1, -1, -1} { // the last is IIS
			n, err := c.Size(ctx, "a")
			if want >= 0 && (n != want || err != nil) || want < 0 && err == nil {
				t.Errorf("%d: %d %v", i, n, err)
			}
		}
	})
}

func TestSystemIsAskedOnce(t *testing.T) {
	loggedIn(t, "C: SYST\nS: 215 UNIX Type: L8\n", func(ctx context.Context, c *client.Client) {
		for range 2 {
			if text, err := c.System(ctx); text != "UNIX Type: L8" || err != nil {
				t.Errorf("got %q %v", text, err)
			}
		}
	})
}

func TestTalk(t *testing.T) {
	const script = `C: STAT
S: 211-Status
S:  fine
S: 211 End
C: STAT /pub
S: 213-listing
S: -rw-r--r--   1 anna users 5 Nov 22 13:00 a.txt
S: 213 End
C: HELP
S: 214 help yourself
C: HELP RETR
S: 214 RETR name
C: SITE CHMOD 644 a
S: 200 ok
C: SITE WAVE
S: 202 superfluous
C: ALLO 5
S: 202 no need
C: ACCT ****
S: 230 ok
C: REST 5
S: 350 ok
`
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		if r, err := c.Status(ctx, ""); err != nil || len(r.Lines) != 3 {
			t.Error(r, err)
		}
		if r, err := c.Status(ctx, "/pub"); err != nil || len(r.Lines) != 3 {
			t.Error(r, err)
		}
		for _, arg := range []string{"", "RETR"} {
			if r, err := c.HelpRemote(ctx, arg); err != nil || r.Code != proto.Help {
				t.Error(r, err)
			}
		}
		if _, err := c.Site(ctx, "CHMOD 644 a"); err != nil {
			t.Error(err)
		}
		if _, err := c.Site(ctx, "WAVE"); code(err) != proto.Superfluous {
			t.Error(err)
		}
		if _, err := c.Do(ctx, proto.Cmd("ALLO", "5")); err != nil {
			t.Error(err)
		}
		if err := c.Account(ctx, "****"); err != nil {
			t.Error(err)
		}
		if r, err := c.Quote(ctx, "rest 5"); err != nil || r.Code != proto.NeedMore {
			t.Error(r, err)
		}
	})
}

func TestBatch(t *testing.T) {
	const script = `C+ SIZE a
C+ SIZE b
C: DELE c
S+ 213 5
S+ 550 none
S: 250 ok
`
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		answers, err := c.DoAll(ctx, []proto.Command{
			proto.Cmd("SIZE", "a"), proto.Cmd("SIZE", "b"), proto.Cmd("DELE", "bad\nname"), proto.Cmd("DELE", "c"),
		})
		if err != nil || len(answers) != 4 {
			t.Fatal(answers, err)
		}
		var se *proto.SyntaxError
		if answers[0].Err != nil || code(answers[1].Err) != 550 || !errors.As(answers[2].Err, &se) || answers[3].Err != nil {
			t.Error(answers)
		}
	})
}

// Batches begin below what every server reads at once, and are answered before
// the next, which may be longer where the server says that it is one that stands
// it. ProFTPD, which may hide its name, loses the end of a line where a longer one
// is cut; IIS and others lose the second command of any packet.
func TestBatchesAreCut(t *testing.T) {
	long := strings.Repeat("x", 300)
	both := func(n int) string { return strings.Repeat("C", n) + strings.Repeat("S", n) }
	for _, tt := range []struct{ greeting, want string }{
		{"(vsFTPd 3.0.5)", both(12) + both(28)},
		{"ready", "CCCSSSCCCSSSCS"},
		{"ProFTPD Server", "CCCSSSCCCSSSCS"},
		{"Microsoft FTP Service", "CSCSCSCSCSCSCS"},
	} {
		var script strings.Builder
		var cmds []proto.Command
		for i := range len(tt.want) / 2 {
			cmds = append(cmds, proto.Cmd("DELE", fmt.Sprintf("%s%02d", long, i)))
			fmt.Fprintf(&script, "C: DELE %s%02d\nS: 250 ok\n", long, i)
		}
		begin := strings.Replace(plain, "220 ready", "220 "+tt.greeting, 1)
		play(t, begin+script.String(), func(ctx context.Context, s *stage) {
			var order strings.Builder
			s.cfg.Trace = func(from proto.Direction, _ string) { order.WriteByte(byte(from)) }
			c := s.login(ctx)
			order.Reset()
			answers, err := c.DoAll(ctx, cmds)
			if err != nil || len(answers) != len(cmds) || order.String() != tt.want {
				t.Errorf("%s: %d answers, %v, in order %s", tt.greeting, len(answers), err, order.String())
			}
		})
	}
}

func TestBatchLost(t *testing.T) {
	loggedIn(t, "C: DELE a\nC: DELE b\nS: 250 ok\nS: 421 enough\n", func(ctx context.Context, c *client.Client) {
		answers, err := c.DoAll(ctx, []proto.Command{proto.Cmd("DELE", "a"), proto.Cmd("DELE", "b")})
		var le *client.LostError
		if len(answers) != 1 || !errors.As(err, &le) {
			t.Error(answers, err)
		}
	})
	loggedIn(t, "", func(ctx context.Context, c *client.Client) {
		if _, err := c.DoAll(ctx, []proto.Command{proto.Cmd("RETR", "a")}); !errors.Is(err, client.ErrData) {
			t.Error(err)
		}
	})
}

// A reply that comes twice would make every later one that of another command:
// none of them counts, and the session is over.
func TestMoreRepliesThanCommands(t *testing.T) {
	script := "C: MDTM a\nC: MDTM b\nS: 213 20200101000000\nS: 213 20200101000000\nS: 213 20210101000000\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		answers, err := c.DoAll(ctx, []proto.Command{proto.Cmd("MDTM", "a"), proto.Cmd("MDTM", "b")})
		var step *client.StepError
		if len(answers) != 0 || !errors.As(err, &step) || !c.Broken() {
			t.Error(answers, err)
		}
	})
}
