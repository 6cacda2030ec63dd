package proto_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"ferry/proto"
)

func TestParseCommand(t *testing.T) {
	tests := []struct {
		line string
		want proto.Command
	}{
		{"NOOP", proto.Command{Verb: "NOOP"}},
		{"noop", proto.Command{Verb: "NOOP"}},
		{"NoOp  ", proto.Command{Verb: "NOOP"}},
		{"RETR a b", proto.Command{Verb: "RETR", Arg: "a b"}},
		{"RETR  a ", proto.Command{Verb: "RETR", Arg: " a "}},
		{"RETR -x", proto.Command{Verb: "RETR", Arg: "-x"}},
		{"RETR \xff\xe9\t", proto.Command{Verb: "RETR", Arg: "\xff\xe9\t"}},
		{"XSHA512 f", proto.Command{Verb: "XSHA512", Arg: "f"}},
		{strings.Repeat("V", proto.MaxVerb), proto.Command{Verb: strings.Repeat("V", proto.MaxVerb)}},
	}
	for _, tt := range tests {
		got, err := proto.ParseCommand(tt.line)
		if err != nil || got != tt.want {
			t.Errorf("%q: %#v, %v, want %#v", tt.line, got, err, tt.want)
		}
	}
}

func TestParseCommandRefuses(t *testing.T) {
	for _, line := range []string{
		"", " ", " NOOP", "\tNOOP", "RETR\tx", "RE-TR x", "@", "[", "`", "{", "\xc1BC", "É x",
		strings.Repeat("V", proto.MaxVerb+1), "SSH-2.0-x", "\x16\x03\x01",
	} {
		if got, err := proto.ParseCommand(line); !isSyntax(err, "command") {
			t.Errorf("%q: %#v, %v", line, got, err)
		}
	}
}

// canary must not come out anywhere.
const canary = "s3cr3t-canary"

func TestSecretsAreNotShown(t *testing.T) {
	for _, line := range []string{
		"PASS " + canary, "pass " + canary, "ACCT " + canary, "ADAT " + canary, "PASS  " + canary,
		"SITE PSWD old " + canary, "site pswd " + canary, "SITE  PSWD " + canary, "SITE CPWD " + canary,
		"SITE PASSWD " + canary, "SITE ADDUSER anna " + canary, "SITE GPASS " + canary,
		" PASS " + canary, "\tPASS " + canary, "PASS\t" + canary, "PASS:" + canary, "\x01pAsS " + canary,
		"PASS" + canary, "PASS x\x00" + canary, "\x00PASS " + canary, "PASS\r " + canary,
	} {
		var seen strings.Builder
		show := func(x any) { fmt.Fprintf(&seen, "%v %+v %s %q\n", x, x, x, x) }
		cmd, err := proto.ParseCommand(line)
		show(err)
		if err == nil {
			show(cmd.String())
			slog.New(slog.NewJSONHandler(&seen, nil)).Info("command", "cmd", cmd)
			show(&proto.ReplyError{Command: cmd, Reply: proto.Replyf(proto.Refused, "no")})
		}
		c := proto.NewConn(&wire{Reader: strings.NewReader(line + "\r\n")}, proto.TraceTo(&seen))
		_, err = c.ReadCommand()
		show(err)
		verb, arg, _ := strings.Cut(line, " ")
		show(c.WriteCommand(proto.Command{Verb: verb, Arg: arg}))
		if strings.Contains(seen.String(), canary) {
			t.Errorf("%q:\n%s", line, seen.String())
		}
	}
}

func TestCommandString(t *testing.T) {
	for want, cmd := range map[string]proto.Command{
		"RETR a b":         proto.Cmd("RETR", "a", "b"),
		"QUIT":             proto.Cmd("QUIT"),
		"PASS":             proto.Cmd("PASS"),
		"PASS ****":        proto.Cmd("PASS", "x"),
		"SITE CHMOD 644 f": proto.Cmd("SITE", "CHMOD 644 f"),
		"SITE PSWD ****":   proto.Cmd("SITE", "PSWD a b"),
	} {
		if got := cmd.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSecret(t *testing.T) {
	s := proto.Secret(canary)
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%10.3s"} {
		fmt.Fprintf(&b, verb+"\n", s)
		fmt.Fprintf(&b, verb+"\n", []proto.Secret{s})
		fmt.Fprintf(&b, verb+"\n", struct{ S proto.Secret }{s})
	}
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "s", s, "in", struct{ S proto.Secret }{s})
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "s", s, "in", struct{ S proto.Secret }{s})
	hex := fmt.Sprintf("%x", canary)
	for _, bad := range []string{canary, canary[:3], hex, strings.ToUpper(hex)} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("%q in\n%s", bad, b.String())
		}
	}
	if s.Reveal() != canary {
		t.Error("Reveal")
	}
}

func FuzzParseCommand(f *testing.F) {
	for _, s := range []string{"", "NOOP", "PASS x", " PASS x", "RETR  a", "SITE PSWD a b", "\xff\xf4ABOR"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		cmd, err := proto.ParseCommand(line)
		if err != nil {
			if !isSyntax(err, "command") {
				t.Fatal(err)
			}
			return
		}
		if cmd.Verb != strings.ToUpper(cmd.Verb) || len(cmd.Verb) > proto.MaxVerb || cmd.Verb == "" {
			t.Errorf("verb %q", cmd.Verb)
		}
		again, err := proto.ParseCommand(strings.TrimRight(cmd.Verb+" "+cmd.Arg, " "))
		if err != nil || again.Verb != cmd.Verb || strings.TrimRight(cmd.Arg, " ") != again.Arg {
			t.Errorf("%q: %#v, again %#v, %v", line, cmd, again, err)
		}
	})
}
