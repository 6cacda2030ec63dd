package client

import (
	"errors"
	"fmt"
	"os"
	"time"

	"ferry/proto"
	"ferry/proto/list"
)

var (
	// ErrTruncated: fewer bytes than announced. See SizeError.
	ErrTruncated = errors.New("transfer is truncated")
	// ErrIncomplete: the server says that it cut the listing, or lines were
	// lost. What came is good, but it is not all.
	ErrIncomplete = errors.New("listing is incomplete")
	// ErrNeedAccount: the server wants an account (332, 532) and none was given.
	ErrNeedAccount = errors.New("the server wants an account")
	// ErrNoRestart: the server can't start at an offset.
	ErrNoRestart = errors.New("the server can't resume")
	// ErrData: a command that needs a data connection was given to Do.
	ErrData = errors.New("needs a data connection")
	// ErrSecurity: a command that begins or ends TLS was given to Do.
	ErrSecurity = errors.New("TLS begins with the connection and ends with it")
	// ErrBusy: a call while data moves, from within a loop over List.
	ErrBusy = errors.New("the session is busy with a transfer")
	// ErrClosed: Close or Quit was called before.
	ErrClosed = errors.New("the session is closed")
	// ErrHangup: the server closed the connection.
	ErrHangup = errors.New("the server closed the connection")
)

// Step is where connecting failed.
type Step string

const (
	Lookup    Step = "lookup"
	Connect   Step = "connect"
	Handshake Step = "TLS"
	Greeting  Step = "greeting"
	RelayStep Step = "FTP proxy"
)

// ConnectError is a control connection that did not come to stand.
type ConnectError struct {
	Host string // host and port
	Step Step
	Err  error
}

func (e *ConnectError) Error() string {
	var re *proto.ReplyError
	if e.Step == Greeting && errors.As(e.Err, &re) {
		return fmt.Sprintf("%s: refused: %d %s", e.Host, re.Reply.Code, re.Reply.Text())
	}
	return fmt.Sprintf("%s: %s: %v", e.Host, e.Step, e.Err)
}
func (e *ConnectError) Unwrap() error { return e.Err }

// LoginError is a name or password that the server refused. The connection
// usually still stands and another login may be tried.
type LoginError struct {
	User string
	Err  error // *proto.ReplyError or ErrNeedAccount
}

func (e *LoginError) Error() string { return fmt.Sprintf("login of %s: %v", e.User, e.Err) }
func (e *LoginError) Unwrap() error { return e.Err }

// LostError is a control connection that broke: cut, timed out, out of step,
// or closed by a 421. The Client is Broken.
type LostError struct {
	Host    string
	Command proto.Command // whose reply was awaited; empty when none was
	Err     error
}

func (e *LostError) Error() string {
	if e.Command.Verb == "" {
		return fmt.Sprintf("%s: connection lost: %v", e.Host, e.Err)
	}
	return fmt.Sprintf("%s: connection lost at %s: %v", e.Host, e.Command.Verb, e.Err)
}
func (e *LostError) Unwrap() error { return e.Err }

// StepError is a reply that answers another command than the one that was
// sent: the ends have lost count.
type StepError struct{ Reply proto.Reply }

func (e *StepError) Error() string {
	return fmt.Sprintf("out of step: got %d %.80q", e.Reply.Code, e.Reply.Text())
}

// DataError is a data connection that did not come to stand, or broke. The
// control connection usually still stands.
type DataError struct {
	Addr string // the other end, "" when it never came
	Err  error
}

func (e *DataError) Error() string {
	if e.Addr == "" {
		return fmt.Sprintf("data connection: %v", e.Err)
	}
	return fmt.Sprintf("data connection with %s: %v", e.Addr, e.Err)
}
func (e *DataError) Unwrap() error { return e.Err }

// LocalError is a failure on this side: the reader or writer that the caller
// gave, so usually a local file or a full disk.
type LocalError struct{ Err error }

func (e *LocalError) Error() string { return "local file: " + e.Err.Error() }
func (e *LocalError) Unwrap() error { return e.Err }

// SizeError is a transfer whose byte count is not the announced one, whatever
// the reply said. When bytes are missing it is also ErrTruncated.
type SizeError struct {
	Path      string
	Got, Want int64  // bytes of the whole file, at the end that received it
	By        string // who says what is wanted: "the reply", "SIZE", "the caller", "the sender"
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%.200q: %s arrived, but %s has %s", e.Path, list.Bytes(e.Got), e.By, list.Bytes(e.Want))
}

// Is makes a short transfer an ErrTruncated.
func (e *SizeError) Is(target error) bool { return target == ErrTruncated && e.Got < e.Want }

// TimeoutError is a wait that passed its bound.
type TimeoutError struct {
	What  string // "reply", "data connection"
	After time.Duration
}

func (e *TimeoutError) Error() string { return fmt.Sprintf("no %s within %s", e.What, e.After) }
func (e *TimeoutError) Timeout() bool { return true }
func (e *TimeoutError) Unwrap() error { return os.ErrDeadlineExceeded }
