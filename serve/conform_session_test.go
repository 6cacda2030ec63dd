package serve

import (
	"context"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/memnet"
)

// The tests of conform_*_test.go show requirements of testdata/conformance.txt
// that no other test is about.

// RFC 959 §5.1: what holds before anything was set.
func TestFreshSession(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "one\ntwo\n")
		p := w.login("anna")
		if got := p.do("STAT", 211).Lines; !slices.Contains(got, "TYPE A, STRU F, MODE S") {
			t.Errorf("STAT: %q", got)
		}
		if got := p.fetch("RETR f"); got != "one\r\ntwo\r\n" {
			t.Errorf("got %q", got)
		}
	})
}

// RFC 1123 §4.1.2.13, and the rest of RFC 959: served, all of it.
func TestMinimum(t *testing.T) {
	table := newTable(Config{})
	verbs := "USER PASS ACCT PORT PASV TYPE MODE STRU RETR STOR APPE RNFR RNTO DELE CWD CDUP RMD MKD PWD LIST NLST SYST STAT HELP NOOP QUIT"
	for verb := range strings.FieldsSeq(verbs + " SMNT REIN STOU ALLO REST ABOR SITE") {
		if table[verb].run == nil {
			t.Errorf("%s is not served", verb)
		}
	}
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for _, line := range []string{"TYPE A N", "STRU R", "STRU F", "TYPE I", "TYPE L 8", "MODE S"} {
			p.do(line, 200)
		}
	})
}

// RFC 1123 §4.1.3.1.
func TestXForms(t *testing.T) {
	inWorld(t, func(w *world) {
		w.login("anna").replies([][2]string{
			{"XMKD d", `257 "/d" created.`},
			{"XCWD d", `250 "/d" is the current directory.`},
			{"XPWD", `257 "/d" is the current directory.`},
			{"XCUP", `250 "/" is the current directory.`},
			{"XRMD d", "250 *"},
		}...)
	})
}

// RFC 959 §5.3: case counts neither in verbs nor in the letters of parameters.
func TestVerbsInAnyCase(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		for _, c := range []struct {
			line string
			code proto.Code
		}{{"user anna", 331}, {"PaSs secret", 230}, {"tYpE i", 200}, {"stru r", 504}, {"mode b", 200}, {"site idle", 200},
			{"opts utf8 on", 200}, {"help RETR", 214}, {"epsv all", 200}, {"quit", 221}} {
			p.do(c.line, c.code)
		}
	})
}

// RFC 959 §2.3 and RFC 1123 §4.1.2.12: options are refused, other commands of
// Telnet passed over, and IAC IAC is a byte of a name.
func TestTelnetOnTheControlConnection(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.raw("NO\xff\xfd\x01OP\xff\xfb\x03\r\n") // DO ECHO, WILL SUPPRESS GO AHEAD
		want := "\xff\xfc\x01\xff\xfe\x03200 "    // WONT, DONT, and the reply
		got := make([]byte, len(want))
		if _, err := io.ReadFull(p.nc, got); err != nil || string(got) != want {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
		if r, err := p.ReadReply(); err == nil {
			t.Fatalf("the rest of the line was taken for a reply: %v", r)
		}
	})
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.raw("\xff\xf1MKD a\xff\xff\xff\xf3b\r\n") // NOP; BREAK
		p.expect(257)
		if _, err := w.files.Stat(w.t.Context(), "/a\xffb"); err != nil {
			t.Error(err)
		}
	})
}

// RFC 1123 §4.1.2.10: lines come in any pieces.
func TestLinesInPieces(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for _, c := range []byte("MKD d\r\nCWD d\r\nPWD\r\n") {
			p.raw(string(c))
			time.Sleep(time.Second)
		}
		p.expect(257)
		p.expect(250)
		if got := p.expect(257).Text(); !strings.HasPrefix(got, `"/d" `) {
			t.Errorf("PWD: %s", got)
		}
	})
}

// RFC 959 §4.2: the lines of a reply, read as bytes.
func TestReplyLines(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/211 not the end", "x")
		p := w.login("anna")
		p.send("STAT", "MLST 211 not the end", "FEAT", "HELP", "STAT /", "QUIT")
		all, err := io.ReadAll(p.nc)
		if err != nil {
			t.Fatal(err)
		}
		text, whole := strings.CutSuffix(string(all), "\r\n")
		if !whole || strings.Count(text, "\n") != strings.Count(text, "\r\n") {
			t.Fatalf("lines don't end in CR LF: %q", all)
		}
		var codes []string
		open := "" // the code of the reply that is not at its end
		for line := range strings.SplitSeq(text, "\r\n") {
			switch code, rest := line[:min(3, len(line))], line[min(3, len(line)):]; {
			case open != "" && code == open && strings.HasPrefix(rest, " "):
				open = ""
			case open != "":
				if line != "" && line[0] >= '0' && line[0] <= '9' {
					t.Errorf("inside %s: %q", open, line)
				}
			case strings.HasPrefix(rest, "-"):
				codes, open = append(codes, code), code
			case strings.HasPrefix(rest, " "):
				codes = append(codes, code)
			default:
				t.Errorf("no reply: %q", line)
			}
		}
		if got := strings.Join(codes, " "); got != "211 250 211 214 212 221" {
			t.Errorf("codes %s", got)
		}
	})
}

// RFC 959 §3.2: without PORT or PASV data goes to the port that the control
// connection comes from.
func TestDefaultDataPort(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "content")
		p := w.login("anna")
		p.do("TYPE I", 200)
		from := netip.AddrPortFrom(ownerAddr, addrPort(p.nc.LocalAddr()).Port())
		ln, err := p.host.Listen(w.t.Context(), "tcp", from.String())
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		_ = ln.(*memnet.Listener).SetDeadline(time.Now().Add(time.Hour))
		for range 2 {
			p.do("RETR f", 150)
			nc, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(nc); err != nil || string(b) != "content" {
				t.Errorf("got %q, %v", b, err)
			}
			nc.Close()
			p.expect(226)
		}
	})
}

// RFC 959 §4.1.1: REIN lets a transfer end first.
func TestReinWaitsForTheTransfer(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		nc := p.passive()
		p.do("STOR f", 150)
		p.send("REIN")
		p.silent()
		_, _ = io.WriteString(nc, "whole")
		nc.Close()
		p.expect(226)
		p.expect(220)
		p.do("PWD", 530)
		if got := w.get("/f"); got != "whole" {
			t.Errorf("stored %q", got)
		}
	})
}

// RFC 959 §5.4 lists which replies each command may have. Codes of later
// documents are added to the list of the command they belong to.
func TestRepliesAreThoseOfTheRFC(t *testing.T) {
	may := map[string]string{
		"USER": "230 530 500 501 421 331 332", "PASS": "230 202 530 500 501 503 421 332", "ACCT": "230 202 530 500 501 503 421",
		"CWD": "250 500 501 502 421 530 550", "CDUP": "250 500 501 502 421 530 550", "REIN": "120 220 421 500 502 501",
		"QUIT": "221 500 501", "PORT": "200 500 501 421 530 504 503", "PASV": "227 500 501 502 421 530 425",
		"MODE": "200 500 501 504 421 530", "TYPE": "200 500 501 504 421 530", "STRU": "200 500 501 504 421 530",
		"ALLO": "200 202 500 501 504 421 530 452", "REST": "500 501 502 421 530 350",
		"STOR": "125 150 226 250 425 426 451 551 552 532 450 452 553 500 501 421 530 550",
		"STOU": "125 150 226 250 425 426 451 551 552 532 450 452 553 500 501 421 530 550",
		"APPE": "125 150 226 250 425 426 451 551 552 532 450 550 452 553 500 501 502 421 530",
		"RETR": "125 150 226 250 425 426 451 450 550 500 501 421 530",
		"LIST": "125 150 226 250 425 426 451 450 500 501 502 421 530 550", "NLST": "125 150 226 250 425 426 451 450 500 501 502 421 530 550",
		"RNFR": "450 550 500 501 502 421 530 350", "RNTO": "250 532 553 500 501 502 503 421 530 550",
		"DELE": "250 450 550 500 501 502 421 530", "RMD": "250 500 501 502 421 530 550", "MKD": "257 500 501 502 421 530 550 521",
		"PWD": "257 500 501 502 421 550 530", "ABOR": "225 226 500 501 502 421 530", "SITE": "200 202 500 501 530 214",
		"SYST": "215 500 501 502 421", "STAT": "211 212 213 450 500 501 502 421 530 550", "HELP": "211 214 500 501 502 421",
		"NOOP": "200 500 421 501", "SMNT": "202 250 500 501 502 421 530 550",
	}
	inWorld(t, func(w *world) {
		w.put("/f", "x")
		stranger, member := w.dial(), w.login("anna")
		for verb, codes := range may {
			for _, arg := range []string{"", " x", " f", " /", " -1", " A"} {
				for _, p := range []*peer{stranger, member} {
					if verb == "QUIT" && arg == "" || verb == "PASS" || verb == "REIN" || verb == "USER" {
						p = w.dial()
					}
					ctx, cancel := context.WithTimeout(w.t.Context(), time.Hour)
					for _, r := range p.replyTo(ctx, verb+arg) {
						if !strings.Contains(codes, r.Code.String()) {
							t.Errorf("%s%s: %s", verb, arg, r)
						}
					}
					cancel()
				}
			}
		}
	})
}

// replyTo is all replies to a line: the mark, too.
func (p *peer) replyTo(ctx context.Context, line string) (all []proto.Reply) {
	p.w.t.Helper()
	defer proto.Guard(ctx, p.nc)()
	p.send(line)
	for {
		r, err := p.ReadReply()
		if err != nil {
			p.w.t.Fatalf("%s: %v", line, err)
		}
		if all = append(all, r); r.Code.Class() != proto.Mark {
			return all
		}
	}
}
