package proto_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
)

// heard is what ReadCommand returns, one word each: "NOOP|", "RETR|a b", or
// an error's kind.
func heard(c *proto.Conn) (got []string) {
	for range 1000 {
		cmd, err := c.ReadCommand()
		switch {
		case err == nil:
			got = append(got, cmd.Verb+"|"+cmd.Arg)
			continue
		case isSyntax(err, "command"):
			got = append(got, "syntax")
			continue
		case errors.Is(err, proto.ErrLineTooLong):
			got = append(got, "long")
			continue
		}
		return append(got, err.Error())
	}
	return append(got, "and no end")
}

func TestReadCommand(t *testing.T) {
	long := strings.Repeat("x", proto.MaxCommand-len("RETR "))
	tests := []struct {
		name, in string
		want     []string
		answer   string // what Telnet wants said
	}{
		{"nothing", "", []string{"EOF"}, ""},
		{"CR LF", "NOOP\r\nRETR a b\r\n", []string{"NOOP|", "RETR|a b", "EOF"}, ""},
		{"LF alone", "NOOP\nQUIT\n", []string{"NOOP|", "QUIT|", "EOF"}, ""},
		{"case", "retr A\r\n", []string{"RETR|A", "EOF"}, ""},
		{"empty lines", "\r\n\nNOOP\r\n", []string{"syntax", "syntax", "NOOP|", "EOF"}, ""},
		{"end within", "NOOP\r\nQUI", []string{"NOOP|", "unexpected EOF"}, ""},
		{"end behind CR", "NOOP\r", []string{"unexpected EOF"}, ""},
		{"end behind IAC", "\xff", []string{"unexpected EOF"}, ""},
		{"NUL", "RETR a\x00b\r\nNOOP\r\n", []string{"syntax", "NOOP|", "EOF"}, ""},
		{"NUL at the end", "NOOP\x00\r\nNOOP\r\n", []string{"syntax", "NOOP|", "EOF"}, ""},
		{"bare CR", "RETR a\rb\r\nNOOP\r\n", []string{"syntax", "NOOP|", "EOF"}, ""},
		{"CR CR LF", "NOOP\r\r\nNOOP\r\n", []string{"syntax", "NOOP|", "EOF"}, ""},
		{"CR NUL", "RETR a\r\x00b\r\nNOOP\r\n", []string{"syntax", "NOOP|", "EOF"}, ""},
		{"longest", "RETR " + long + "\r\nNOOP\r\n", []string{"RETR|" + long, "NOOP|", "EOF"}, ""},
		{"too long by one", "RETR " + long + "x\r\nNOOP\r\n", []string{"long", "NOOP|", "EOF"}, ""},
		{"a megabyte", strings.Repeat("y", 1<<20) + "\r\nNOOP\r\n", []string{"long", "NOOP|", "EOF"}, ""},
		{"end within a megabyte", strings.Repeat("y", 1<<20), []string{"unexpected EOF"}, ""},
		{"endless", strings.Repeat("y", proto.MaxOverlong+proto.MaxCommand+1) + "\r\nNOOP\r\n", []string{"endless line"}, ""},
		{"not FTP", "GET / HTTP/1.1\r\nHost: x\r\n", []string{"GET|/ HTTP/1.1", "syntax", "EOF"}, ""},

		// RFC 854, RFC 1123 §4.1.2.12
		{"IAC IAC", "RETR a\xff\xffb\r\n", []string{"RETR|a\xffb", "EOF"}, ""},
		{"Synch", "\xff\xf4\xff\xf2ABOR\r\n", []string{"ABOR|", "EOF"}, ""},
		{"Synch, urgent IAC taken out", "\xff\xf4\xf2ABOR\r\n", []string{"ABOR|", "EOF"}, ""},
		{"Synch, urgent DM taken out", "\xff\xf4\xffABOR\r\n", []string{"ABOR|", "EOF"}, ""},
		{"Synch within a line", "RETR a\xff\xf4\xff\xf2b\r\n", []string{"RETR|ab", "EOF"}, ""},
		{"bytes that begin no verb", "\xe9ABOR\r\n", []string{"syntax", "EOF"}, ""},
		{"DO", "\xff\xfd\x06NOOP\r\n", []string{"NOOP|", "EOF"}, "\xff\xfc\x06"},
		{"WILL", "NO\xff\xfb\x18OP\r\n", []string{"NOOP|", "EOF"}, "\xff\xfe\x18"},
		{"DONT and WONT", "\xff\xfe\x06\xff\xfc\x06NOOP\r\n", []string{"NOOP|", "EOF"}, ""},
		{"option LF", "\xff\xfd\nNOOP\r\n", []string{"NOOP|", "EOF"}, "\xff\xfc\n"},
		{"all other commands", "\xff\xf0\xff\xf1\xff\xf3\xff\xf5\xff\xf6\xff\xf7\xff\xf8\xff\xf9\xff\xfa\xff\xec\xff\xefNOOP\r\n", []string{"NOOP|", "EOF"}, ""},
		{"IAC not doubled", "RETR \xffab\r\nNOOP\r\n", []string{"RETR|\xffab", "NOOP|", "EOF"}, ""},
		{"IAC not doubled before a line end", "RETR a\xff\r\nNOOP\n", []string{"RETR|a\xff", "NOOP|", "EOF"}, ""},
		{"IAC hides no line end", "RETR a\xff\nNOOP\n", []string{"RETR|a\xff", "NOOP|", "EOF"}, ""},
		{"IAC hides no NUL", "RETR a\xff\x00\nNOOP\n", []string{"syntax", "NOOP|", "EOF"}, ""},
	}
	for _, tt := range tests {
		for name, chunk := range chunkings {
			if len(tt.in) > 100_000 && name != "at once" && (name != "bytewise" || tt.name != "a megabyte") {
				continue // a second each, under the race detector
			}
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				w := &wire{Reader: chunk(strings.NewReader(tt.in))}
				if diff := cmp.Diff(tt.want, heard(proto.NewConn(w, nil))); diff != "" {
					t.Error(diff)
				}
				if w.sent.String() != tt.answer {
					t.Errorf("answered %q, want %q", w.sent.String(), tt.answer)
				}
			})
		}
	}
}

func TestTelnetAnswersEnd(t *testing.T) {
	c, w := hears(strings.Repeat("\xff\xfd\x01", 10000) + "NOOP\r\n")
	if got := heard(c); got[0] != "NOOP|" {
		t.Error(got)
	}
	if w.writes > 32 {
		t.Errorf("%d requests answered", w.writes)
	}
}

func TestTelnetAnswerFails(t *testing.T) {
	c, w := hears("\xff\xfd\x01NOOP\r\n")
	w.fail = io.ErrClosedPipe
	if _, err := c.ReadCommand(); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

func TestEndlessLineStaysRefused(t *testing.T) {
	c, _ := hears(strings.Repeat("y", proto.MaxOverlong+proto.MaxCommand+1) + "\nNOOP\nNOOP\n")
	for range 3 {
		if _, err := c.ReadCommand(); !errors.Is(err, proto.ErrEndless) {
			t.Fatal(err)
		}
	}
}

// A read that a deadline ends loses nothing, wherever it stood.
func TestDeadlineWithinALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		c := proto.NewConn(near, nil)
		go func() {
			for _, b := range []byte("RETR a\xff\xffb\r\n") {
				time.Sleep(time.Minute)
				far.Write([]byte{b})
			}
		}()
		for wakes := 0; ; wakes++ {
			c.SetReadDeadline(time.Now().Add(61 * time.Second / 2))
			cmd, err := c.ReadCommand()
			var ne net.Error
			if errors.As(err, &ne) && ne.Timeout() {
				if wakes > 30 {
					t.Fatal("no command")
				}
				continue
			}
			if err != nil || cmd != proto.Cmd("RETR", "a\xffb") || wakes < 11 {
				t.Errorf("%v, %v after %d wakes", cmd, err, wakes)
			}
			return
		}
	})
}

// A connection that returns nothing, again and again, is an error, not a hang.
func TestNoProgress(t *testing.T) {
	c := proto.NewConn(&wire{Reader: nothing{}}, nil)
	if _, err := c.ReadCommand(); !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

func TestBufferedAndPending(t *testing.T) {
	c, _ := hears("NOOP\r\nSTAT\r\nQU")
	if c.Buffered() != 0 || c.Pending() {
		t.Error("bytes before the first read")
	}
	c.ReadCommand()
	if c.Buffered() != len("STAT\r\nQU") || !c.Pending() {
		t.Errorf("one line and a half: %d, %v", c.Buffered(), c.Pending())
	}
	c.ReadCommand()
	if c.Buffered() != len("QU") || c.Pending() {
		t.Errorf("half a line: %d, %v", c.Buffered(), c.Pending())
	}
	c.ReadCommand()
	if c.Buffered() != len("QU") {
		t.Errorf("half a line that was scanned: %d", c.Buffered())
	}
}

func TestWriteCommand(t *testing.T) {
	c, w := hears("")
	for _, cmd := range []proto.Command{proto.Cmd("NOOP"), proto.Cmd("RETR", " a\xff\xe9 ")} {
		if err := c.WriteCommand(cmd); err != nil {
			t.Fatal(err)
		}
	}
	c.WriteRaw([]byte("\xff\xf4"))
	want := "NOOP\r\nRETR  a\xff\xff\xe9 \r\n\xff\xf4"
	if w.writes != 0 || c.Queued() != len(want) {
		t.Errorf("before Flush: %d writes, %d queued", w.writes, c.Queued())
	}
	if err := c.Flush(); err != nil || w.sent.String() != want || w.writes != 1 || c.Queued() != 0 {
		t.Errorf("%q in %d writes, %v", w.sent.String(), w.writes, err)
	}
	if err := c.Flush(); err != nil || w.writes != 1 {
		t.Errorf("a flush of nothing: %d writes, %v", w.writes, err)
	}
}

// Servers that are no Telnet get the bytes of a name as they are.
func TestSendBare(t *testing.T) {
	here, there := net.Pipe()
	c := proto.NewConn(here, nil)
	c.SendBare()
	if err := c.WriteCommand(proto.Cmd("RETR", "a\xff\xfe")); err != nil {
		t.Fatal(err)
	}
	go func() { _ = c.Flush(); c.Close() }()
	if got, _ := io.ReadAll(there); string(got) != "RETR a\xff\xfe\r\n" {
		t.Errorf("%q", got)
	}
}

func TestWriteCommandRefuses(t *testing.T) {
	for _, cmd := range []proto.Command{
		proto.Cmd("RETR", "a\r\nDELE b"), proto.Cmd("RETR", "a\n"), proto.Cmd("RETR", "\r"), proto.Cmd("RETR", "a\x00b"),
		proto.Cmd("RETR\r\nDELE", "a"), proto.Cmd("RETR a"), proto.Cmd(""), proto.Cmd("", "a"), proto.Cmd("\xff\xf4ABOR"),
	} {
		c, w := hears("")
		if err := c.WriteCommand(cmd); !isSyntax(err, "command") {
			t.Errorf("%#v: %v", cmd, err)
		}
		if c.Flush(); w.sent.Len() > 0 || c.Queued() > 0 {
			t.Errorf("%#v: sent %q", cmd, w.sent.String())
		}
	}
	c, _ := hears("")
	if err := c.WriteCommand(proto.Cmd("RETR", strings.Repeat("x", proto.MaxCommand))); !errors.Is(err, proto.ErrLineTooLong) {
		t.Errorf("too long: %v", err)
	}
}

func TestFlushFails(t *testing.T) {
	c, w := hears("")
	w.fail = io.ErrClosedPipe
	c.WriteReply(proto.Replyf(proto.OK, "x"))
	if err := c.Flush(); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	if c.Queued() != 0 {
		t.Error("the same bytes would be sent twice")
	}
}

// CVE-2011-1575: what was sent in clear behind AUTH must not be obeyed after it.
func TestUpgradeRefusesWhatCameEarly(t *testing.T) {
	for _, early := range []string{"NOOP\r\n", "N", "\r", "\n", "\x00", "\xff", "\xff\xfd"} {
		c, _ := hears("AUTH TLS\r\n" + early)
		if _, err := c.ReadCommand(); err != nil {
			t.Fatal(err)
		}
		wrap := func(nc net.Conn) net.Conn { t.Errorf("%q: upgraded", early); return nc }
		if err := c.Upgrade(wrap); !errors.Is(err, proto.ErrPipelined) {
			t.Errorf("%q: %v", early, err)
		}
	}
}

// The same when the bytes have been looked at already.
func TestUpgradeRefusesHalfALine(t *testing.T) {
	for _, early := range []string{"N", "\r", "\x00", "\xff", "\xff\xfd"} {
		c, _ := hears("AUTH TLS\r\n" + early)
		c.ReadCommand()
		c.ReadCommand() // ends within the line
		if err := c.Upgrade(func(nc net.Conn) net.Conn { return nc }); !errors.Is(err, proto.ErrPipelined) {
			t.Errorf("%q: %v", early, err)
		}
	}
}

func TestUpgrade(t *testing.T) {
	c, below := hears("AUTH TLS\r\n")
	c.ReadCommand()
	c.WriteReply(proto.Replyf(proto.SecurityOK, "go on"))
	above := &wire{Reader: strings.NewReader("NOOP\r\n")}
	err := c.Upgrade(func(nc net.Conn) net.Conn {
		if nc != net.Conn(below) || below.sent.String() != "234 go on\r\n" {
			t.Errorf("wrap before the reply was sent: %q", below.sent.String())
		}
		return above
	})
	if err != nil || c.NetConn() != net.Conn(above) {
		t.Fatal(err)
	}
	if got := heard(c); got[0] != "NOOP|" {
		t.Error(got)
	}
	c.WriteReply(proto.Replyf(proto.OK, "x"))
	if c.Flush(); above.sent.String() != "200 x\r\n" {
		t.Errorf("above: %q", above.sent.String())
	}
}

func TestUpgradeWhenTheReplyCantBeSent(t *testing.T) {
	c, w := hears("")
	w.fail = io.ErrClosedPipe
	c.WriteReply(proto.Replyf(proto.SecurityOK, "x"))
	if err := c.Upgrade(func(nc net.Conn) net.Conn { t.Error("wrapped"); return nc }); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

// Close and deadlines come from other goroutines, also while TLS begins.
func TestUpgradeAndCloseMayMeet(t *testing.T) {
	c, _ := hears("")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 100 {
			c.SetDeadline(time.Time{})
			c.Close()
		}
	}()
	for range 100 {
		c.Upgrade(func(nc net.Conn) net.Conn { return &wire{Reader: strings.NewReader("")} })
	}
	<-done
}

func TestTrace(t *testing.T) {
	var got []string
	w := &wire{Reader: strings.NewReader("user anna\r\nPASS x\r\nRETR a\x1b[2J\xff\xff\r\n?\r\nA\x00B\r\n")}
	trace := func(from proto.Direction, line string) { got = append(got, fmt.Sprintf("%c: %s", from, line)) }
	c := proto.NewConn(w, trace)
	heard(c)
	c.WriteReply(proto.Reply{Code: proto.FileStatus, Lines: []string{"a", "1 b\nc", "d"}})
	c.WriteReply(proto.Reply{Code: proto.OK})
	c.WriteCommand(proto.Cmd("PASS", "x"))
	w.Reader = strings.NewReader("220-hello\r\n wor\rld\x07\r\n220 x\r\n")
	c.ReadReply()
	want := []string{
		"C: USER anna", "C: PASS ****", "C: RETR a?[2J\xff", "C: ?", "C: AB",
		"S: 213-a", "S:  1 b?c", "S: 213 d", "S: 200 ", "C: PASS ****",
		"S: 220-hello", "S:  world?", "S: 220 x",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestConnAddresses(t *testing.T) {
	c, w := hears("")
	if c.LocalAddr().String() != ":21" || c.RemoteAddr().String() != ":50000" || c.NetConn() != net.Conn(w) {
		t.Error(c.LocalAddr(), c.RemoteAddr())
	}
}

// FuzzReadCommand: however bytes arrive, the same commands come out, none of
// them with a line end or NUL; without special bytes they are the lines.
func FuzzReadCommand(f *testing.F) {
	for _, s := range []string{
		"NOOP\r\nRETR a\r\n", "\xff\xf4\xff\xf2ABOR\r\n", "\xff\xfd\x01\xff\xff\n", "A\x00\rB\n\r\r\n", "PASS x\nQUIT", "\xff\r\n\xff",
	} {
		f.Add([]byte(s), uint8(1))
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		whole := &wire{Reader: strings.NewReader(string(in))}
		pieces := &wire{Reader: &sized{strings.NewReader(string(in)), max(1, int(size))}}
		a, b := heard(proto.NewConn(whole, nil)), heard(proto.NewConn(pieces, nil))
		if !slices.Equal(a, b) || whole.sent.String() != pieces.sent.String() {
			t.Fatalf("at once %q, in pieces %q", a, b)
		}
		for _, cmd := range a[:len(a)-1] {
			if strings.ContainsAny(cmd, "\r\n\x00") {
				t.Errorf("%q came through", cmd)
			}
		}
		special := slices.ContainsFunc(in, func(b byte) bool { return b == '\r' || b == 0 || b >= 0xf0 })
		if !special && len(in) < proto.MaxCommand && len(a) < 1000 {
			if lines := strings.Count(string(in), "\n"); lines != len(a)-1 {
				t.Errorf("%d lines, %d results", lines, len(a)-1)
			}
		}
	})
}
