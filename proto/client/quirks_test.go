package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"ferry/proto"
	"ferry/proto/client"
)

// What servers are known to do, and what has no test beside the code that it
// is about.
func TestQuirks(t *testing.T) {
	text := proto.Params{Type: proto.TypeA, Stru: proto.File, Mode: proto.Stream}
	for _, tt := range []struct {
		name, script string
		do           func(ctx context.Context, c *client.Client) error
		is           error
		code         proto.Code
	}{
		{
			name:   "ProFTPD, pyftpdlib: no SIZE in TYPE A",
			script: "C: TYPE A\nS: 200 ok\nC: TYPE I\nS: 200 ok\nC: SIZE a.txt\nS: 213 5\n",
			do: func(ctx context.Context, c *client.Client) error {
				if err := c.SetParams(ctx, text); err != nil {
					return err
				}
				n, err := c.Size(ctx, "a.txt")
				return want(n, int64(5), err)
			},
		},
		{
			name:   "SIZE, MDTM and REST, forgotten by FEAT",
			script: "C: SIZE a.txt\nS: 213 5\nC: MDTM a.txt\nS: 213 20200102030405\n" + epsv + "C: REST 2\nS: 350 ok\nC: RETR a.txt\nS: 150 x\nDS: llo\nS: 226 done\n",
			do: func(ctx context.Context, c *client.Client) error {
				if e, err := c.Stat(ctx, "a.txt"); err != nil || e.Size != 5 || e.Modify.Year() != 2020 {
					return errors.Join(err, errors.New("not known"))
				}
				_, err := c.Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{Offset: 2, Check: client.CheckAnnounced})
				return err
			},
		},
		{
			name:   "z/OS: no SIZE and no MDTM of data sets",
			script: "C: SIZE 'HLQ.X(+1)'\nS: 550 SIZE is not supported for a data set\nC: PWD\nS: 257 \"'HLQ.'\" is the working directory.\nC: CWD 'HLQ.X(+1)'\nC: CWD 'HLQ.'\nS: 550 no\nS: 250 ok\n",
			do: func(ctx context.Context, c *client.Client) error {
				_, err := c.Stat(ctx, "'HLQ.X(+1)'")
				return err
			},
			is: fs.ErrNotExist,
		},
		{
			name:   "z/OS: quoted data sets go as they are, SITE lines before",
			script: "C: SITE LRECL=80 RECFM=FB\nS: 200 Site command was accepted\n" + epsv + "C: RETR 'HLQ.X(+1)'\nS: 125 Sending data set HLQ.X.G0001V00 FIXrecfm 80\nDS: hello\nS: 250 Transfer completed successfully.\n",
			do: func(ctx context.Context, c *client.Client) error {
				if _, err := c.Site(ctx, "LRECL=80 RECFM=FB"); err != nil {
					return err
				}
				n, err := c.Retrieve(ctx, "'HLQ.X(+1)'", &bytes.Buffer{}, client.Transfer{Check: client.CheckAnnounced})
				return want(n, 5, err)
			},
		},
		{
			name: "VMS: PWD in brackets",
			script: "C: PWD\nS: 257 \"DISK$USER:[ANNA.SUB]\" is current directory.\n" +
				"C: PWD\nS: 257 DISK$USER:[ANNA] is current directory.\n",
			do: func(ctx context.Context, c *client.Client) error {
				a, aerr := c.Pwd(ctx)
				b, berr := c.Pwd(ctx)
				return want(a+" "+b, "DISK$USER:[ANNA.SUB] DISK$USER:[ANNA]", errors.Join(aerr, berr))
			},
		},
		{
			name:   "Windows CE: PWD with backslashes",
			script: "C: PWD\nS: 257 \"\\\\My Documents\\\\x\"\n",
			do: func(ctx context.Context, c *client.Client) error {
				dir, err := c.Pwd(ctx)
				return want(dir, `\My Documents\x`, err)
			},
		},
		{
			name:   "IIS: MKD of a directory that is there",
			script: "C: MKD d\nS: 550 Cannot create a file when that file already exists.\n",
			do: func(ctx context.Context, c *client.Client) error {
				_, err := c.MakeDir(ctx, "d")
				return err
			},
			code: 550,
		},
		{
			name:   "vsftpd, Pure-FTPd: STAT of a path is 213, ProFTPD: 212",
			script: "C: STAT d\nS: 213-Status follows:\nS: -rw-r--r-- 1 a a 5 Jan  1 2020 a\nS: 213 End of status\nC: STAT d\nS: 212-Status\nS: 212 End\n",
			do: func(ctx context.Context, c *client.Client) error {
				_, err := c.Status(ctx, "d")
				_, err2 := c.Status(ctx, "d")
				return errors.Join(err, err2)
			},
		},
		{
			name:   "Pure-FTPd: ALLO is 200 A L'HUILE",
			script: "C: ALLO 5\nS: 200 A L'HUILE\n",
			do: func(ctx context.Context, c *client.Client) error {
				_, err := c.Quote(ctx, "ALLO 5")
				return err
			},
		},
		{
			name:   "devices: one 426 behind the 226 of ABOR's transfer",
			script: epsv + "C: RETR a.txt\nS: 150 x\nDS: hello\nS+ 226 done\nS: 426 aborted\nC: NOOP\nS: 200 ok\n",
			do: func(ctx context.Context, c *client.Client) error {
				if _, err := c.Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{Check: client.CheckAnnounced}); err != nil {
					return err
				}
				return c.Noop(ctx)
			},
		},
		{
			name:   "Apache MINA: SIZE of what is made up on the fly is wrong; the caller may say so",
			script: epsv + "C: RETR a.txt\nS: 150 x\nDS: hello\nS: 226 done\n",
			do: func(ctx context.Context, c *client.Client) error {
				_, err := c.Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{Check: client.CheckAnnounced})
				return err
			},
		},
		{
			name:   "busybox and devices: no EPSV, SIZE, MDTM, REST or CDUP",
			script: "C: EPSV\nS: 502 no\n" + pasv + "C: RETR a.txt\nS: 150 x\nDS: hello\nS: 226 done\nC: SIZE a.txt\nS: 502 no\nC: CDUP\nS: 502 no\nC: CWD ..\nS: 250 ok\n" + pasv + "C: REST 3\nS: 502 no\n",
			do: func(ctx context.Context, c *client.Client) error {
				if _, err := c.Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{}); err != nil {
					return err
				}
				if err := c.ChangeToParent(ctx); err != nil {
					return err
				}
				_, err := c.Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{Offset: 3})
				return err
			},
			is: client.ErrNoRestart,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loggedIn(t, tt.script, func(ctx context.Context, c *client.Client) {
				checkError(t, tt.do(ctx, c), tt.is, tt.code, "")
			})
		})
	}
}

func want[T comparable](got, want T, err error) error {
	if err == nil && got != want {
		err = errors.New("not what was wanted")
	}
	return err
}

// z/OS: "211 no Extensions supported" is one line, and no feature.
func TestNoExtensions(t *testing.T) {
	script := login + "C: FEAT\nS: 211 no Extensions supported\nC: TYPE I\nS: 200 ok\n"
	play(t, script, func(ctx context.Context, s *stage) {
		if f := s.login(ctx).Features(); len(f) != 0 {
			t.Errorf("got %v", f)
		}
	})
}

// 5xx that will pass, as texts of servers have it; and those that won't.
func TestTransient(t *testing.T) {
	for text, want := range map[string]bool{
		"421 Too many connections from your IP": true,
		"450 file busy":                         true,
		"530 Sorry, the maximum number of clients (5) for this user are already connected": true,
		"530 Too many users logged in": true,
		"550 a.txt: Broken pipe":       true,
		"550 Connection timed out":     true,
		"550 Try again later":          true,
		"550 No such file":             false,
		"530 Login incorrect":          false,
		"553 Too Many Cooks.txt":       true, // a name fools it; it costs a retry
		"226 Too many":                 false,
	} {
		err := &proto.ReplyError{Reply: replied(text)}
		if got := client.Transient(err); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if client.Transient(errors.New("550 Too many")) {
		t.Error("that is no reply")
	}
}

// replied is a reply of one line.
func replied(line string) proto.Reply {
	n, rest, _ := strings.Cut(line, " ")
	var code proto.Code
	for _, d := range n {
		code = code*10 + proto.Code(d-'0')
	}
	return proto.Replyf(code, "%s", rest)
}

// A server without room, as servers say it, and what only looks like one.
func TestFull(t *testing.T) {
	for line, want := range map[string]bool{
		"STOR 452 Transfer aborted. No space left on device":  true, // ProFTPD, ferry
		"RETR 452 No space left":                              true,
		"STOR 552 Disk full - please upload later":            true, // Pure-FTPd
		"STOR 451 Failure writing to local file.":             true, // vsftpd
		"APPE 426 No space left on device; transfer aborted.": true, // pyftpdlib
		"MKD 550 No space left on device.":                    true,
		"STOR 550 There is not enough space on the disk.":     true, // IIS
		"STOR 451 Error during write to file":                 true, // Pure-FTPd
		"STOR 426 Failure reading network stream.":            false,
		"STOR 451 Local error":                                false,
		"STOR 226 No space left":                              false,
		"RETR 550 no space left on device.txt: No such file":  false,
		"PASS 530 Over quota":                                 false,
		"STOR 553 Quota.txt: Permission denied":               false,
	} {
		verb, rest, _ := strings.Cut(line, " ")
		err := &proto.ReplyError{Command: proto.Cmd(verb), Reply: replied(rest)}
		if got := client.Full(fmt.Errorf("more: %w", err)); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
	if client.Full(errors.New("452 No space")) {
		t.Error("that is no reply")
	}
}
