package proto_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
)

func TestReadReply(t *testing.T) {
	tests := []struct {
		name, in string
		code     proto.Code
		lines    []string
	}{
		{"one line", "220 ready\r\n", 220, []string{"ready"}},
		{"no text", "220 \r\n", 220, []string{""}},
		{"no blank", "220\r\n", 220, []string{""}},
		{"LF alone", "220 ready\n", 220, []string{"ready"}},
		{"blanks belong to the text", "220  a \r\n", 220, []string{" a "}},
		{"two lines", "220-a\r\n220 b\r\n", 220, []string{"a", "b"}},
		{"RFC 959 §4.2", "123-First line\r\nSecond line\r\n  234 A line\r\n123 The last line\r\n", 123,
			[]string{"First line", "Second line", "  234 A line", "The last line"}},
		{"another code within", "211-a\r\n200 b\r\n200-c\r\n211 d\r\n", 211, []string{"a", "200 b", "200-c", "d"}},
		{"repeated code", "211-Features\r\n211-MDTM\r\n211-SIZE\r\n211 End\r\n", 211, []string{"Features", "MDTM", "SIZE", "End"}},
		{"longer number within", "211-a\r\n2110 b\r\n211x\r\n211 c\r\n", 211, []string{"a", "2110 b", "211x", "c"}},
		{"last line is only the code", "211-a\r\n b\r\n211\r\n", 211, []string{"a", " b", ""}},
		{"empty lines within", "211-\r\n\r\n211 \r\n", 211, []string{"", "", ""}},
		{"NUL and bare CR are dropped", "2\x0020 a\rb\r\n", 220, []string{"ab"}},
		{"IAC", "257 \"\xff\xff\xe9\"\r\n", 257, []string{"\"\xff\xe9\""}},
		{"Telnet", "\xff\xfb\x01220 x\r\n", 220, []string{"x"}},
	}
	for _, tt := range tests {
		for name, chunk := range chunkings {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				c := proto.NewConn(&wire{Reader: chunk(strings.NewReader(tt.in + "221 next\r\n"))}, nil)
				got, err := c.ReadReply()
				if diff := cmp.Diff(proto.Reply{Code: tt.code, Lines: tt.lines}, got); diff != "" || err != nil {
					t.Error(err, diff)
				}
				if next, err := c.ReadReply(); err != nil || next.Code != proto.Closing {
					t.Errorf("then %v, %v", next, err)
				}
				if _, err := c.ReadReply(); !errors.Is(err, io.EOF) {
					t.Errorf("at the end: %v", err)
				}
			})
		}
	}
}

func TestReadReplyErrors(t *testing.T) {
	tests := []struct {
		name, in string
		want     error // nil: *SyntaxError
	}{
		{"SSH", "SSH-2.0-OpenSSH_9.6\r\n", nil},
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n", nil},
		{"SMTP goes through", "220 mail ESMTP\r\n", errGood},
		{"empty", "\r\n", nil},
		{"two digits", "22 x\r\n", nil},
		{"four digits", "2200 x\r\n", nil},
		{"class 0", "099 x\r\n", nil},
		{"class 6", "600 x\r\n", nil},
		{"blank first", " 220 x\r\n", nil},
		{"Arabic digits", "٢٢٠ x\r\n", nil},
		{"plus", "+20 x\r\n", nil},
		{"end", "", io.EOF},
		{"end within a line", "220 x", io.ErrUnexpectedEOF},
		{"end between the lines", "220-x\r\n", io.ErrUnexpectedEOF},
		{"long line", "220 " + strings.Repeat("x", proto.MaxReplyLine) + "\r\n", proto.ErrLineTooLong},
		{"endless line", strings.Repeat("x", proto.MaxReplyLine+proto.MaxOverlong+1), proto.ErrEndless},
		{"long line within", "220-x\r\n" + strings.Repeat("x", proto.MaxReplyLine+1) + "\r\n", proto.ErrLineTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := hears(tt.in)
			_, err := c.ReadReply()
			switch {
			case tt.want == errGood && err == nil:
			case tt.want == nil && isSyntax(err, "reply"):
			case tt.want != nil && errors.Is(err, tt.want):
			default:
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

var errGood = errors.New("no error")

// endless repeats a block for ever.
type endless struct{ block, rest string }

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		e.rest = e.block
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestEndlessReply(t *testing.T) {
	for _, line := range []string{"\n", strings.Repeat("y", 2000) + "\r\n"} {
		e := &endless{block: strings.Repeat(line, 4096/len(line))}
		c := proto.NewConn(&wire{Reader: io.MultiReader(strings.NewReader("220-x\r\n"), e)}, nil)
		lines := 0
		err := c.ReadReplyFunc(func(proto.Code, string) error { lines++; return nil })
		if !errors.Is(err, proto.ErrReplyTooLong) {
			t.Errorf("%.10q: %v", line, err)
		}
		if most := proto.MaxReply / 16; lines > most {
			t.Errorf("%.10q: %d lines, at most %d", line, lines, most)
		}
	}
}

func TestReadReplyFuncError(t *testing.T) {
	c, _ := hears("213-a\r\nb\r\n213 c\r\n200 next\r\n")
	stop := errors.New("stop")
	calls := 0
	err := c.ReadReplyFunc(func(code proto.Code, line string) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
	if r, err := c.ReadReply(); err != nil || r.Code != proto.OK {
		t.Errorf("out of step: %v, %v", r, err)
	}
}

func TestWriteReply(t *testing.T) {
	tests := []struct {
		reply proto.Reply
		want  string
	}{
		{proto.Replyf(proto.Ready, "%s ready", "ferry"), "220 ferry ready\r\n"},
		{proto.Reply{Code: proto.OK}, "200 \r\n"},
		{proto.Reply{Code: proto.SystemStatus, Lines: []string{"a", "b"}}, "211-a\r\n211 b\r\n"},
		{proto.Reply{Code: proto.SystemStatus, Lines: []string{"1", "200 x", "211 y", "", " 3", "4"}},
			"211-1\r\n 200 x\r\n 211 y\r\n\r\n 3\r\n211 4\r\n"},
		{proto.Replyf(proto.PathCreated, "\"\xff\xe9\"\t"), "257 \"\xff\xff\xe9\"\t\r\n"},
		{proto.Replyf(proto.PathCreated, "a\r\n200 b\x00\x1b\x7f"), "257 a??200 b???\r\n"},
		{proto.FeatReply([]string{"UTF8", "SIZE"}), "211-Extensions supported:\r\n UTF8\r\n SIZE\r\n211 End\r\n"},
		{proto.FeatReply(nil), "211 No extensions\r\n"},
	}
	for _, tt := range tests {
		c, w := hears("")
		c.WriteReply(tt.reply)
		if err := c.Flush(); err != nil || w.sent.String() != tt.want {
			t.Errorf("%v: %q, want %q", tt.reply, w.sent.String(), tt.want)
		}
	}
}

func TestManyRepliesAreOneWrite(t *testing.T) {
	c, w := hears("")
	for i := range 1000 {
		c.WriteReply(proto.Replyf(proto.OK, "%d", i))
	}
	if err := c.Flush(); err != nil || w.writes != 1 {
		t.Errorf("%d writes, %v", w.writes, err)
	}
}

func TestReplyText(t *testing.T) {
	r := proto.Reply{Code: proto.Refused, Lines: []string{"a", "b"}}
	if r.Text() != "b" || r.String() != "550 a | b" || (proto.Reply{}).Text() != "" {
		t.Error(r)
	}
}

func severalLines(lines ...string) error {
	return &proto.ReplyError{Command: proto.Cmd("STOR", "x"), Reply: proto.Reply{Code: proto.LocalError, Lines: lines}}
}

func TestErrorsSayWhatHappened(t *testing.T) {
	refused := &proto.ReplyError{Command: proto.Cmd("RETR", "x"), Reply: proto.Replyf(proto.Refused, "no \x1b]0;x\x07 file")}
	tests := []struct {
		err  error
		want string
	}{
		{refused, "RETR: 550 no ?]0;x? file"},
		{severalLines("Error during write to file", "12 seconds (measured here)"), "STOR: 451 Error during write to file; 12 seconds (measured here)"},
		{severalLines("", "no"), "STOR: 451 no"},
		{severalLines("no", "no"), "STOR: 451 no"},
		{severalLines("no", " "), "STOR: 451 no"},
		{severalLines(), "STOR: 451 "},
		{&proto.SyntaxError{What: "reply", Text: "SSH\x1b"}, `malformed reply: "SSH\x1b"`},
		{&proto.SyntaxError{What: "command", Why: "empty"}, `malformed command: empty: ""`},
		{&proto.ParamError{Param: "TYPE", Value: "X", Unknown: true}, `TYPE "X" is not known`},
		{&proto.ParamError{Param: "STRU", Value: "P"}, `STRU P is not served here`},
	}
	for _, tt := range tests {
		if got := fmt.Sprint(tt.err); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
	if got := (&proto.SyntaxError{What: "x", Text: strings.Repeat("y", 8000)}).Error(); len(got) > 200 {
		t.Errorf("an error of %d bytes", len(got))
	}
	if refused.Temporary() || !(&proto.ReplyError{Reply: proto.Replyf(proto.FileBusy, "x")}).Temporary() {
		t.Error("Temporary")
	}
}

func TestCodeClass(t *testing.T) {
	for code, want := range map[proto.Code]proto.Class{
		proto.RestartMark: proto.Mark, proto.OK: proto.Done, proto.NeedMore: proto.More, proto.FileBusy: proto.Retry,
		proto.Refused: proto.Fail, 0: 0, 99: 0, 600: 0, -1: 0,
	} {
		if got := code.Class(); got != want {
			t.Errorf("%d: class %d, want %d", code, got, want)
		}
	}
}

// FuzzReadReply: no reply may crash or outgrow its bound, what is understood
// is written and read again without change.
func FuzzReadReply(f *testing.F) {
	for _, s := range []string{
		"220 x\r\n", "211-a\r\n b\r\n211 c\r\n", "211-a\r\n211-b\r\n211 c\n", "220\n", "SSH-2.0\r\n", "2\xff\xf220 x\r\n", "123-a\r\n 1\r\n1\r\n123 z\r\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		c, _ := hears(in)
		r, err := c.ReadReply()
		if err != nil {
			return
		}
		if r.Code.Class() == 0 || len(r.Lines) == 0 {
			t.Fatalf("%v", r)
		}
		for _, line := range r.Lines {
			if strings.ContainsAny(line, "\r\n\x00") {
				t.Fatalf("%q", line)
			}
		}
		c, w := hears("")
		c.WriteReply(r)
		c.Flush()
		again, err := proto.NewConn(&wire{Reader: strings.NewReader(w.sent.String())}, nil).ReadReply()
		if err != nil || again.Code != r.Code || len(again.Lines) != len(r.Lines) {
			t.Fatalf("%v, again %v, %v", r, again, err)
		}
	})
}
