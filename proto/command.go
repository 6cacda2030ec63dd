package proto

import (
	"log/slog"
	"strings"
)

// Command is one line from the user end: a verb of up to MaxVerb letters and
// its argument, if any. RFC 959 §5.3.
type Command struct {
	Verb string // upper case
	Arg  string // as sent: names are bytes, leading blanks belong to them
}

// Cmd builds a command; the parts of the argument are joined by one blank.
func Cmd(verb string, arg ...string) Command {
	return Command{Verb: verb, Arg: strings.Join(arg, " ")}
}

// ParseCommand splits a line without its line end. Verbs are case-insensitive
// (RFC 959 §5.3); one blank separates, further ones belong to the argument.
// Blanks behind a verb without argument are forgiven, since devices send them.
func ParseCommand(line string) (Command, error) {
	verb, arg, _ := strings.Cut(line, " ")
	if verb == "" {
		return Command{}, &SyntaxError{What: "command", Text: line, Why: "empty"}
	}
	for i := 0; i < len(verb); i++ {
		if c := verb[i] | 0x20; (c < 'a' || c > 'z') && (verb[i] < '0' || verb[i] > '9') {
			return Command{}, &SyntaxError{What: "command", Text: line, Why: "not a verb"}
		}
	}
	if strings.Trim(arg, " ") == "" {
		arg = ""
	}
	return Command{Verb: strings.ToUpper(verb), Arg: arg}, nil
}

// line is the command as it goes over the wire, without line end.
func (c Command) line() string {
	if c.Arg == "" {
		return c.Verb
	}
	return c.Verb + " " + c.Arg
}

// String is the command as it may be shown: what PASS, ACCT and ADAT carry
// is replaced by stars, and so is it behind SITE (SITE PSWD old new).
func (c Command) String() string {
	switch c.Verb {
	case "PASS", "ACCT", "ADAT":
		if c.Arg == "" {
			return c.Verb
		}
		return c.Verb + " " + stars
	case "SITE":
		if sub, _, ok := strings.Cut(c.Arg, " "); ok && secretSite(sub) {
			return "SITE " + sub + " " + stars
		}
	}
	return c.line()
}

func secretSite(sub string) bool {
	switch strings.ToUpper(sub) {
	case "PSWD", "PASS", "PASSWD", "PASSWORD", "GPASS", "CPWD":
		return true
	}
	return false
}

// LogValue implements slog.LogValuer with the redacted form.
func (c Command) LogValue() slog.Value { return slog.StringValue(c.String()) }
