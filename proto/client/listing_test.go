package client_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
)

// names lists and keeps the names that were understood.
func names(ctx context.Context, c *client.Client, path string) (got []string, err error) {
	for l, lerr := range c.List(ctx, path) {
		if lerr != nil {
			err = lerr
		} else if l.Verdict == list.Understood {
			got = append(got, l.Entry.Name)
		}
	}
	return got, err
}

const (
	unixLine = `-rw-r--r--   1 anna users          5 Nov 22 13:00 a.txt\r\n`
	factLine = `type=file;size=5;modify=20261122130000; a.txt\r\n`
)

func TestList(t *testing.T) {
	mlst := featured("MLST type*;size*;modify*;")
	for _, tt := range []struct {
		name, script, path string
		want               []string
		is                 error
		code               proto.Code
	}{
		{"LIST", plain + epsv + "C: LIST\nS: 150 x\nDS: total 1\\r\\n" + unixLine + "\nS: 226 done\n", "", []string{"a.txt"}, nil, 0},
		{"LIST of a path", plain + epsv + "C: LIST /pub\nS: 150 x\nDS: " + unixLine + "\nS: 226 done\n", "/pub", []string{"a.txt"}, nil, 0},
		{"MLSD", mlst + epsv + "C: MLSD\nS: 150 x\nDS: " + factLine + "\nS: 226 done\n", "", []string{"a.txt"}, nil, 0},
		{"MLSD announced by itself", featured("MLSD") + epsv + "C: MLSD\nS: 150 x\nDS: " + factLine + "\nS: 226 done\n", "", []string{"a.txt"}, nil, 0},
		{"MLSD refused all the same", mlst + epsv + "C: MLSD\nS: 500 no\n" + epsv + "C: LIST\nS: 150 x\nDS: " + unixLine + "\nS: 226 done\n", "", []string{"a.txt"}, nil, 0},
		{"MLSD of a file", mlst + epsv + "C: MLSD a.txt\nS: 501 not a directory\nC: MLST a.txt\nS: 250-x\nS:  type=file;size=5; /a.txt\nS: 250 End\n", "a.txt", []string{"a.txt"}, nil, 0},
		{"MLSD of nothing", mlst + epsv + "C: MLSD b\nS: 550 none\nC: MLST b\nS: 550 none\n", "b", nil, nil, 550},
		{"empty", plain + epsv + "C: LIST\nS: 150 x\nDS:\nS: 226 done\n", "", nil, nil, 0},
		{"empty, ProFTPD's 450", plain + epsv + "C: LIST\nS: 450 No files found\n", "", nil, nil, 0},
		{"empty, ProFTPD's reset", plain + epsv + "C: LIST\nS: 150 x\nDS!\nS: 226 done\n", "", nil, nil, 0},
		{"empty, nothing sent at all", plain + epsv + "C: LIST\nS: 226 nothing\nDS:\n" + pwd, "", nil, nil, 0},
		{"450 of another kind", plain + epsv + "C: LIST\nS: 450 try again\n", "", nil, nil, 450},
		{"cut", plain + epsv + "C: LIST\nS: 150 x\nDS! " + unixLine + "\nS: 226 done\n", "", []string{"a.txt"}, nil, -1},
		{"426 behind all lines", plain + epsv + "C: LIST\nS: 150 x\nDS: " + unixLine + "\nS: 426 cut\n", "", []string{"a.txt"}, nil, 426},
		{"Pure-FTPd's truncation", plain + epsv + "C: LIST\nS: 150 x\nDS: " + unixLine + "\nS: 226-Options: -l\nS: 226 Output truncated to 10000 matches\n", "", []string{"a.txt"}, client.ErrIncomplete, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, tt.script+"C: NOOP\nS: 200 ok\n", func(ctx context.Context, s *stage) {
				c := s.login(ctx)
				got, err := names(ctx, c, tt.path)
				if tt.code == -1 {
					var de *client.DataError
					if !errors.As(err, &de) {
						t.Errorf("got %v", err)
					}
				} else {
					checkError(t, err, tt.is, tt.code, "")
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
				if err := c.Noop(ctx); err != nil {
					t.Error("afterwards", err)
				}
			})
		})
	}
}

// A directory whose name a server might take for a glob, a flag, or two
// arguments is listed from within.
func TestListOfAwkwardNames(t *testing.T) {
	for _, dir := range []string{"a[1]", "-la", "a b", "a*", `a\b`, "{a,b}"} {
		const back = "C: PWD\nS: 257 \"/home\"\nC: CWD ${dir}\nS: 250 ok\n"
		script := plain + strings.ReplaceAll(back, "${dir}", wire(dir)) + epsv +
			"C: LIST\nS: 150 x\nDS: " + unixLine + "\nS: 226 done\nC: CWD /home\nS: 250 ok\n"
		again := "C: CWD " + wire(dir) + "\nS: 250 ok\n" + epsv + "C: LIST\nS: 150 x\nDS:\nS: 226 done\nC: CWD /home\nS: 250 ok\n"
		play(t, script+again, func(ctx context.Context, s *stage) {
			c := s.login(ctx)
			got, err := names(ctx, c, dir)
			if err != nil || len(got) != 1 {
				t.Errorf("%s: got %v %v", dir, got, err)
			}
			if _, err = names(ctx, c, dir); err != nil { // the way back is known now
				t.Errorf("%s: %v", dir, err)
			}
		})
	}
}

// wire writes a name as an expected line of a script.
func wire(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`).Replace(name)
}

func TestListOfAwkwardFile(t *testing.T) {
	script := plain + "C: PWD\nS: 257 \"/\"\nC: CWD a b.txt\nS: 550 no directory\nC: CWD /\nS: 250 ok\n" + epsv +
		"C: LIST a b.txt\nS: 150 x\nDS: -rw-r--r--   1 anna users          5 Nov 22 13:00 a b.txt\\r\\n\nS: 226 done\n"
	play(t, script, func(ctx context.Context, s *stage) {
		got, err := names(ctx, s.login(ctx), "a b.txt")
		if err != nil || len(got) != 1 || got[0] != "a b.txt" {
			t.Errorf("got %v %v", got, err)
		}
	})
}

// A server may go in and say that it did not: relative names mean what they meant.
func TestListGoesBackAfterARefusal(t *testing.T) {
	script := plain + "C: PWD\nS: 257 \"/home\"\nC: CWD a b\nS: 450 busy\nC: CWD /home\nS: 250 ok\n" + epsv +
		"C: LIST a b\nS: 550 none\nC: DELE x\nS: 250 ok\n"
	play(t, script, func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		if _, err := names(ctx, c, "a b"); err == nil {
			t.Error("a refused directory is listed")
		}
		if err := c.Delete(ctx, "x"); err != nil {
			t.Error(err)
		}
	})
}

// Without a way back every relative name would mean another file.
func TestNoWayBack(t *testing.T) {
	script := plain + "C: PWD\nS: 257 \"/home\"\nC: CWD a b\nS: 250 ok\n" + epsv +
		"C: LIST\nS: 150 x\nDS:\nS: 226 done\nC: CWD /home\nS: 550 gone\n"
	play(t, script, func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		_, err := names(ctx, c, "a b")
		var le *client.LostError
		if !errors.As(err, &le) || !c.Broken() {
			t.Errorf("got %v", err)
		}
	})
}

// Leaving the loop aborts the listing; the session goes on.
func TestLeavingAList(t *testing.T) {
	script := plain + epsv + "C: LIST\nS: 150 x\nDS+ " + unixLine +
		"\nC: ABOR\nS: 426 x\nC: PWD\nS: 226 x\nS: 257 \"/\"\n" + "C: NOOP\nS: 200 ok\n"
	play(t, script, func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		for range c.List(ctx, "") {
			if err := c.Noop(ctx); !errors.Is(err, client.ErrBusy) {
				t.Errorf("in the loop: %v", err)
			}
			break
		}
		if err := c.Noop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// Listings are text: where hosts speak EBCDIC they are asked for in TYPE A.
func TestListsAsText(t *testing.T) {
	script := strings.Replace(plain, "220 ready", "220 IBM FTP CS V2R4 at ZOS", 1) +
		"C: TYPE A\nS: 200 ok\n" + epsv + "C: LIST\nS: 150 x\nDS: " + unixLine + "\nS: 226 done\n" +
		"C: TYPE I\nS: 200 ok\n" + epsv + retr
	play(t, script, func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		if got, err := names(ctx, c, ""); err != nil || len(got) != 1 {
			t.Errorf("got %v %v", got, err)
		}
		get(ctx, t, c, "hello")
	})
}

// A listing travels in the mode in force, and always as a file.
func TestListInOtherParams(t *testing.T) {
	script := plain + "C: TYPE E\nS: 200 ok\nC: STRU R\nS: 200 ok\n" +
		"C: TYPE A\nS: 200 ok\nC: STRU F\nS: 200 ok\n" + epsv + "C: LIST\nS: 150 x\nDS: " + unixLine + "\nS: 226 done\n"
	play(t, script, func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		if err := c.SetParams(ctx, proto.Params{Type: proto.TypeE, Stru: proto.Record}); err != nil {
			t.Fatal(err)
		}
		if got, err := names(ctx, c, ""); err != nil || len(got) != 1 {
			t.Errorf("got %v %v", got, err)
		}
	})
}

func TestListFlags(t *testing.T) {
	script := plain + epsv + "C: LIST -a\nS: 150 x\nDS:\nS: 226 done\n" + epsv + "C: LIST -a pub\nS: 150 x\nDS:\nS: 226 done\n"
	play(t, script, func(ctx context.Context, s *stage) {
		s.cfg.ListFlags = "-a"
		c := s.login(ctx)
		for _, path := range []string{"", "pub"} {
			if _, err := names(ctx, c, path); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestListRaw(t *testing.T) {
	script := plain + epsv + `C: LIST -R
S: 150 x
DS: .:\r\na\rb\r\nlast
S: 226 done
`
	play(t, script, func(ctx context.Context, s *stage) {
		var b bytes.Buffer
		err := s.login(ctx).ListRaw(ctx, proto.Cmd("LIST", "-R"), &b)
		if err != nil || b.String() != ".:\na\rb\nlast" {
			t.Errorf("got %q %v", b.String(), err)
		}
	})
}

func TestNames(t *testing.T) {
	script := plain + epsv + `C: NLST \*.txt
S: 150 x
DS: a.txt\r\nb c.txt\r\n
S: 226 done
` + epsv + "C: NLST\nS: 550 No files found.\n"
	play(t, script, func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		got, err := c.Names(ctx, "*.txt")
		if diff := cmp.Diff([]string{"a.txt", "b c.txt"}, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if got, err = c.Names(ctx, ""); len(got) > 0 || err != nil {
			t.Errorf("got %v %v", got, err)
		}
	})
}

// errBusy stands for a refusal that says nothing of what is there.
var errBusy = errors.New("busy")

func TestStat(t *testing.T) {
	mlst := featured("MLST type*;size*;")
	at := time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC)
	file := proto.Entry{Name: "a.txt", Kind: proto.RegularFile, Size: 5, Modify: at, Precision: time.Second}
	dir := proto.Entry{Name: "a.txt", Kind: proto.Directory, Size: proto.NoSize}
	const probeDir = "C: PWD\nS: 257 \"/\"\nC: CWD a.txt\nC: CWD /\n" // there and back in one write
	for _, tt := range []struct {
		name, script string
		want         proto.Entry
		is           error
	}{
		{"MLST", mlst + "C: MLST a.txt\nS: 250-x\nS:  type=file;size=5;modify=20261122130000; a.txt\nS: 250 End\n", file, nil},
		{"MLST not indented", mlst + "C: MLST a.txt\nS: 250-x\nS: type=file;size=5;modify=20261122130000; a.txt\nS: 250 End\n", file, nil},
		{"MLST, not there", mlst + "C: MLST a.txt\nS: 550 none\n", proto.Entry{}, fs.ErrNotExist},
		{"MLST not served", mlst + "C: MLST a.txt\nS: 502 no\nC: SIZE a.txt\nS: 213 5\nC: MDTM a.txt\nS: 213 20261122130000\n", file, nil},
		{"SIZE and MDTM", plain + "C: SIZE a.txt\nS: 213 5\nC: MDTM a.txt\nS: 213 20261122130000\n", file, nil},
		{"a directory", plain + "C: SIZE a.txt\nS: 550 not a file\n" + probeDir + "S: 250 ok\nS: 250 ok\n", dir, nil},
		{"IIS: SIZE of a directory", plain + "C: SIZE a.txt\nS: 213-a\nS: 213 b\n" + probeDir + "S: 250 ok\nS: 250 ok\n", dir, nil},
		{"not there", plain + "C: SIZE a.txt\nS: 550 none\n" + probeDir + "S: 550 none\nS: 250 ok\n", proto.Entry{}, fs.ErrNotExist},
		{"a directory that is busy", plain + "C: SIZE a.txt\nS: 550 not a file\n" + probeDir + "S: 450 busy\nS: 250 ok\n", proto.Entry{}, errBusy},
		{"without SIZE, the listing tells", plain + "C: SIZE a.txt\nS: 502 no\n" + probeDir + "S: 550 none\nS: 250 ok\n" + epsv +
			"C: LIST\nS: 150 x\nDS: 11-22-26  01:00PM  5 a.txt\\r\\n\nS: 226 x\n",
			proto.Entry{Name: "a.txt", Kind: proto.RegularFile, Size: 5, Modify: at, Precision: time.Minute}, nil},
		{"without SIZE, not there", plain + "C: SIZE a.txt\nS: 500 no\n" + probeDir + "S: 550 none\nS: 250 ok\n" + epsv +
			"C: LIST\nS: 150 x\nDS:\nS: 226 x\n", proto.Entry{}, fs.ErrNotExist},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, tt.script, func(ctx context.Context, s *stage) {
				got, err := s.login(ctx).Stat(ctx, "a.txt")
				if tt.is == errBusy {
					if !client.Transient(err) || errors.Is(err, fs.ErrNotExist) {
						t.Errorf("got %v", err)
					}
					return
				}
				if tt.is != nil {
					if !errors.Is(err, tt.is) {
						t.Errorf("got %v", err)
					}
					return
				}
				if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
					t.Error(diff, err)
				}
			})
		})
	}
}

// WS_FTP takes no blanks behind MLST: its refusal says nothing of the file.
func TestStatWithBlanks(t *testing.T) {
	script := featured("MLST type*;size*;") + "C: MLST a b\nS: 550 bad arguments\nC: SIZE a b\nS: 213 5\nC: MDTM a b\nS: 500 no\n" +
		"C: MLST a b\nS: 550 bad arguments\nC: SIZE a b\nS: 213 5\n"
	play(t, script, func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		for range 2 {
			if e, err := c.Stat(ctx, "a b"); err != nil || e.Size != 5 {
				t.Errorf("got %v %v", e, err)
			}
		}
	})
}
