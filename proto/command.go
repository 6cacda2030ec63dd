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
	if line == "" {
		return Command{}, &SyntaxError{What: "command", Why: "empty"}
	}
	if !isVerb(verb) {
		return Command{}, &SyntaxError{What: "command", Text: redact(line), Why: "not a verb"}
	}
	if strings.Trim(arg, " ") == "" {
		arg = ""
	}
	return Command{Verb: strings.ToUpper(verb), Arg: arg}, nil
}

// isVerb reports whether s is one to MaxVerb letters and digits.
func isVerb(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && !digit(s[i]) {
			return false
		}
	}
	return s != "" && len(s) <= MaxVerb
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
	if c.Arg == "" {
		return c.Verb
	}
	switch strings.ToUpper(c.Verb) {
	case "PASS", "ACCT", "ADAT":
		return c.Verb + " " + stars
	case "SITE":
		sub, _, _ := strings.Cut(strings.TrimLeft(c.Arg, " "), " ")
		if secretSite(sub) {
			return c.Verb + " " + sub + " " + stars
		}
	}
	return c.line()
}

// secretSite knows the SITE commands that carry passwords: PSWD and PASSWD,
// CPWD, GPASS (group), ADDUSER and their kin.
func secretSite(sub string) bool {
	sub = strings.ToUpper(sub)
	for _, word := range []string{"PASS", "PSWD", "PWD", "ADDUSER"} {
		if strings.Contains(sub, word) {
			return true
		}
	}
	return false
}

// redact is a line that is no command as it may be shown.
//
// SECURITY: a slip in front of PASS (a blank, a control character) must not
// show the password that follows.
func redact(line string) string {
	for i := range len(line) {
		for _, word := range []string{"PASS", "ACCT", "ADAT", "PSWD"} {
			if end := i + len(word); end <= len(line) && strings.EqualFold(line[i:end], word) {
				return line[:end] + " " + stars
			}
		}
	}
	return line
}

// LogValue implements slog.LogValuer with the redacted form.
func (c Command) LogValue() slog.Value { return slog.StringValue(c.String()) }
