package client_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
)

func mustCharset(t *testing.T, name string) *client.Charset {
	t.Helper()
	cs, err := client.NewCharset(name)
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

func inCharset(t *testing.T, charset, script string, f func(ctx context.Context, c *client.Client)) {
	t.Helper()
	play(t, script, func(ctx context.Context, s *stage) {
		s.cfg.Charset = mustCharset(t, charset)
		f(ctx, s.login(ctx))
	})
}

func TestNamesInACharset(t *testing.T) {
	for _, tt := range []struct{ charset, name, wire string }{
		{"latin1", "grüße", `gr\xfc\xdfe`},
		{"ISO-8859-15", "5 €", `5 \xa4`},
		{"windows-1251", "отчёт я", `\xee\xf2\xf7\xb8\xf2 \xff`}, // я is Telnet's IAC
		{"IBM850", "Ñandú", `\xa5and\xa3`},
		{"shift_jis", "表.txt", `\x95\\.txt`}, // its second byte is a backslash
		{"gb18030", "中文", `\xd6\xd0\xce\xc4`},
		{"euc-kr", "한글", `\xc7\xd1\xb1\xdb`},
		{"big5", "許功", `\xb3\\\xa5\\`},
	} {
		t.Run(tt.charset, func(t *testing.T) {
			script := plain + "C: CWD " + tt.wire + "\nS: 250 ok\nC: PWD\nS: 257 \"/" + tt.wire + "\"\n" +
				"C: MKD " + tt.wire + "\nS: 257 \"" + tt.wire + "\" made\n" +
				"C: RNFR " + tt.wire + "\nS: 350 to?\nC: RNTO x" + tt.wire + "\nS: 250 ok\n" +
				epsv + "C: LIST\nS: 150 here\nDS: -rw-r--r-- 1 a a 3 Jan  1 2020 " + tt.wire + "\\r\\n\nS: 226 done\n" +
				epsv + "C: NLST\nS: 150 here\nDS: " + tt.wire + "\\r\\n\nS: 226 done\n" +
				epsv + "C: RETR " + tt.wire + "\nS: 150 here\nDS: " + tt.wire + "\nS: 226 done\n"
			inCharset(t, tt.charset, script, func(ctx context.Context, c *client.Client) {
				if err := c.ChangeDir(ctx, tt.name); err != nil {
					t.Fatal(err)
				}
				if dir, err := c.Pwd(ctx); dir != "/"+tt.name || err != nil {
					t.Errorf("PWD: %q, %v", dir, err)
				}
				if made, err := c.MakeDir(ctx, tt.name); made != tt.name || err != nil {
					t.Errorf("MKD: %q, %v", made, err)
				}
				if err := c.Rename(ctx, tt.name, "x"+tt.name); err != nil {
					t.Error(err)
				}
				if got, err := names(ctx, c, ""); len(got) != 1 || got[0] != tt.name || err != nil {
					t.Errorf("LIST: %q, %v", got, err)
				}
				if got, err := c.Names(ctx, ""); len(got) != 1 || got[0] != tt.name || err != nil {
					t.Errorf("NLST: %q, %v", got, err)
				}
				// What is in files is nobody's business.
				var b bytes.Buffer
				if _, err := c.Retrieve(ctx, tt.name, &b, client.Transfer{Check: client.CheckAnnounced}); err != nil || b.String() == tt.name {
					t.Errorf("RETR: %q, %v", b.String(), err)
				}
			})
		})
	}
}

// A name that can't be written is an error, and nothing is sent.
func TestNamesThatACharsetLacks(t *testing.T) {
	for _, name := range []string{"日本", "a\xffb", "�", "a/日/b"} {
		inCharset(t, "latin1", plain, func(ctx context.Context, c *client.Client) {
			var ce *client.CharsetError
			_, serr := c.Store(ctx, name, strings.NewReader("x"), client.Transfer{})
			for verb, err := range map[string]error{
				"DELE": c.Delete(ctx, name), "CWD": c.ChangeDir(ctx, name), "RNTO": c.Rename(ctx, "a", name), "STOR": serr,
			} {
				if !errors.As(err, &ce) {
					t.Errorf("%s %q: %v", verb, name, err)
				}
			}
		})
	}
}

func TestBatchWithANameThatACharsetLacks(t *testing.T) {
	inCharset(t, "latin1", plain+"C: DELE a\nS: 250 ok\nC: DELE b\nS: 250 ok\n", func(ctx context.Context, c *client.Client) {
		answers, err := c.DoAll(ctx, []proto.Command{proto.Cmd("DELE", "a"), proto.Cmd("DELE", "日"), proto.Cmd("DELE", "b")})
		if err != nil || len(answers) != 3 || answers[0].Err != nil || answers[1].Err == nil || answers[2].Err != nil {
			t.Error(answers, err)
		}
	})
}

// A name that can't be read exactly is shown as it came and never sent back as
// another: two byte strings of Shift_JIS mean one letter, some mean none.
func TestNamesThatCantBeReadBack(t *testing.T) {
	for _, wire := range []string{`\x81`, `\x87\x9b`} {
		line := "-rw-r--r-- 1 a a 3 Jan  1 2020 x" + wire
		script := plain + epsv + "C: LIST\nS: 150 here\nDS: " + line + "\\r\\n\nS: 226 done\n" +
			epsv + "C: NLST\nS: 150 here\nDS: x" + wire + "\\r\\n\nS: 226 done\nC: PWD\nS: 257 \"/x" + wire + "\"\n"
		inCharset(t, "shift_jis", script, func(ctx context.Context, c *client.Client) {
			var got []list.Verdict
			for l, err := range c.List(ctx, "") {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, l.Verdict)
			}
			if diff := cmp.Diff([]list.Verdict{list.Unknown}, got); diff != "" {
				t.Error(diff)
			}
			var ce *client.CharsetError
			if got, err := c.Names(ctx, ""); !errors.As(err, &ce) {
				t.Errorf("NLST: %q, %v", got, err)
			}
			dir, err := c.Pwd(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.ChangeDir(ctx, dir); !errors.As(err, &ce) {
				t.Errorf("CWD %q: %v", dir, err)
			}
		})
	}
}

// Without a charset, bytes are bytes. With one, passwords are; and UTF-8 is
// not asked for.
func TestCharsetLeavesAlone(t *testing.T) {
	script := "C: DELE gr\\xfc\nS: 250 ok\nC: DELE \\xff\\xfe\nS: 250 ok\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		for _, name := range []string{"gr\xfc", "\xff\xfe"} {
			if err := c.Delete(ctx, name); err != nil {
				t.Error(err)
			}
		}
	})
	inCharset(t, "latin1", featured("UTF8"), func(context.Context, *client.Client) {})
	play(t, "S: 220 x\nC: USER gr\\xc3\\xbc\nS: 230 ok\nC: FEAT\nS: 500 x\nC: TYPE I\nS: 200 x\n", func(ctx context.Context, s *stage) {
		s.cfg.Charset = mustCharset(t, "latin1")
		if err := s.dial(ctx).Login(ctx, client.Credentials{User: "grü"}); err != nil {
			t.Error(err)
		}
	})
}

func TestCharsets(t *testing.T) {
	for _, name := range []string{"", "utf-8", "UTF8", "US-ASCII"} {
		if cs, err := client.NewCharset(name); cs != nil || err != nil {
			t.Errorf("%q: %v, %v", name, cs, err)
		}
	}
	for _, name := range []string{"klingon", "utf-16", "UTF-16LE", "iso-2022-jp", "hz-gb-2312", "IBM037", "utf-7", "replacement", "x-user-defined?"} {
		var ce *client.CharsetError
		if cs, err := client.NewCharset(name); !errors.As(err, &ce) {
			t.Errorf("%q: %v, %v", name, cs, err)
		}
	}
	for _, name := range []string{"latin1", "cp1252", "KOI8-R", "cp866", "IBM437", "GBK", "sjis", "euc-jp", "macintosh"} {
		if cs, err := client.NewCharset(name); cs == nil || err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Whatever the bytes: text that is exact makes them again, text that is not
// can't be sent.
func FuzzCharset(f *testing.F) {
	f.Add("latin1", "gr\xfc")
	f.Add("shift_jis", "\xed\x40\x81")
	f.Add("gb18030", "\x84\x31\xa4\x37")
	f.Fuzz(func(t *testing.T, charset, wire string) {
		cs, err := client.NewCharset(charset)
		if err != nil {
			return
		}
		client.CheckCharset(t, cs, wire)
	})
}
