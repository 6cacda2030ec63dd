package proto

import (
	"errors"
	"fmt"
)

// ErrLineTooLong reports a line beyond MaxCommand or MaxReplyLine. After a
// command the connection is still in step: the rest of the line was skipped.
var ErrLineTooLong = errors.New("line too long")

// ErrEndless reports a line beyond MaxOverlong. The connection is out of step
// and must be closed.
var ErrEndless = errors.New("endless line")

// ErrReplyTooLong reports a reply beyond MaxReply. The connection is out of step.
var ErrReplyTooLong = errors.New("reply too long")

// ErrPipelined reports bytes that arrived in clear behind a command that
// starts TLS. The connection must be closed: they may be an attacker's.
var ErrPipelined = errors.New("data arrived before the TLS handshake")

// SyntaxError is what a peer sent that FTP does not allow.
type SyntaxError struct {
	What string // the element: "command", "reply", "227 reply", "fact list"
	Text string // what arrived, without secrets; Error shows its beginning
	Why  string // what is wrong with it, optional
}

func (e *SyntaxError) Error() string {
	if e.Why == "" {
		return fmt.Sprintf("malformed %s: %.80q", e.What, e.Text)
	}
	return fmt.Sprintf("malformed %s: %s: %.80q", e.What, e.Why, e.Text)
}

// ReplyError is a command that the server refused.
type ReplyError struct {
	Command Command // what was sent; secrets in it print as stars
	Reply   Reply
}

func (e *ReplyError) Error() string {
	return fmt.Sprintf("%s: %d %s", e.Command.Verb, e.Reply.Code, harmless(e.Reply.telling()))
}

// Temporary reports whether the server called the failure transient (4xx).
func (e *ReplyError) Temporary() bool { return e.Reply.Code.Class() == Retry }

// ParamError is a parameter of TYPE, STRU, MODE, PROT or OPTS that can't be used.
type ParamError struct {
	Param   string // "TYPE"
	Value   string
	Unknown bool // true: no standard has it (501); false: known, not served here (504)
}

func (e *ParamError) Error() string {
	if e.Unknown {
		return fmt.Sprintf("%s %.40q is not known", e.Param, e.Value)
	}
	return fmt.Sprintf("%s %s is not served here", e.Param, e.Value)
}
