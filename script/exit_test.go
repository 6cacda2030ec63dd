package script

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/data"
	"ferry/script/bulk"
	"ferry/script/journal"
)

// The codes are an interface: scripts depend on them. This list changes only
// on purpose.
const golden = `     0  done
     1  a command failed
     2  wrong usage, or a mistake in a script found before it ran
     3  no connection
     4  TLS failed or the server is not trusted
     5  login refused
     6  a local file, directory or disk failed
     7  the server has no space left
     8  a time limit passed
     9  a file is not what it should be after its transfer
    10  some lines failed and the run went on, as asked
    11  --plan found something to do
   130  interrupted (^C)
   143  terminated
`

func TestExitCodes(t *testing.T) {
	if diff := cmp.Diff(golden, ExitCodes()); diff != "" {
		t.Error(diff)
	}
}

type signalled int

func (s signalled) Error() string   { return "signal" }
func (s signalled) ExitStatus() int { return 128 + int(s) }

func TestExitCode(t *testing.T) {
	reply := func(code proto.Code) error {
		return &proto.ReplyError{Command: proto.Cmd("STOR"), Reply: proto.Replyf(code, "No")}
	}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("x"), 1},
		{reply(proto.Refused), 1},
		{reply(proto.FileBusy), 1},
		{&NoMatchError{"*"}, 1},
		{&SyntaxError{}, 2},
		{&CallError{}, 2},
		{&UnknownError{}, 2},
		{&ResumeError{}, 2},
		{&journal.BusyError{}, 1},
		{&UnsureError{}, 1},
		{&DeadlineError{}, 8},
		{&bulk.RoomError{}, 7},
		{&ValueError{}, 2},
		{UsageError(errors.New("x"), "", nil), 2},
		{&client.ConnectError{Step: client.Connect, Err: syscall.ECONNREFUSED}, 3},
		{&client.ConnectError{Step: client.Lookup, Err: &net.DNSError{}}, 3},
		{&client.ConnectError{Step: client.Connect, Err: os.ErrDeadlineExceeded}, 3},
		{&client.ConnectError{Step: client.Handshake, Err: x509.UnknownAuthorityError{}}, 4},
		{&client.LostError{Err: syscall.ECONNRESET}, 3},
		{&client.LostError{Err: &client.TimeoutError{}}, 8},
		{&client.LoginError{Err: reply(proto.NotLoggedIn)}, 5},
		{reply(proto.NotLoggedIn), 5},
		{&StateError{code: exitLogin}, 5},
		{&fs.PathError{Err: fs.ErrNotExist}, 6},
		{&client.LocalError{Err: syscall.ENOSPC}, 6},
		{reply(proto.NoSpace), 7},
		{reply(proto.QuotaExceeded), 7},
		{&client.TimeoutError{}, 8},
		{context.DeadlineExceeded, 8},
		{data.ErrStalled, 8},
		{&client.SizeError{Got: 1, Want: 2}, 9},
		{client.ErrTruncated, 9},
		{&VerifyError{}, 9},
		{&PartialError{}, 10},
		{context.Canceled, 130},
		{signalled(syscall.SIGINT), 130},
		{signalled(syscall.SIGTERM), 143},
		{&Exit{Code: 42}, 42},
	} {
		for _, err := range []error{c.err, wrapped(c.err)} {
			if got := ExitCode(err); got != c.want {
				t.Errorf("ExitCode(%T %v) = %d, want %d", err, err, got, c.want)
			}
		}
	}
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return &Error{File: "f", Line: 1, Err: fmt.Errorf("more: %w", err)}
}

func TestPrintError(t *testing.T) {
	var b strings.Builder
	PrintError(&b, errors.Join(
		&Error{File: "a.ftp", Line: 12, Col: 3, Verb: "put", Err: errors.New("no such file: \x1b[31m"), Hint: "look\n"},
		&Error{Verb: "cd", Err: errors.New("x")},
		&Exit{Code: 3},
	))
	want := "ferry: a.ftp:12:3: put: no such file: \\x1b[31m\nhint: look\\n\nferry: cd: x\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// Mistakes have a line each when the script was to run, as they have with
// --check, however deep they are joined; where there is one line, they share it.
func TestMistakesHaveLinesOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	r, err := w.reported("mkdri b\nget\n")
	var b strings.Builder
	PrintError(&b, errors.Join(errors.Join(err), nil))
	if got := b.String(); strings.Count(got, "\nferry: ") != 1 || strings.Count(got, "\nhint: ") != 2 || strings.Contains(got, `\n`) {
		t.Error(got)
	}
	if s := r.Summary.Error; !strings.Contains(s, "; ") || strings.Contains(s, `\n`) {
		t.Error(s)
	}
}

func TestCommandLineMistakes(t *testing.T) {
	err := UsageError(errors.New("flag provided but not defined: -sandbx"), "ferry run --help shows all", []string{"sandbox", "q"})
	if got := HintOf(err); got != "did you mean --sandbox? ferry run --help shows all" {
		t.Error(got)
	}
	err = UnknownCommand("serv", []string{"serve", "run"})
	if got := err.Error() + "; " + HintOf(err); got != `there is no command "serv"; did you mean serve? ferry --help lists them` {
		t.Error(got)
	}
}

// A server that is just going down accepts, and resets.
func TestHintOfAReset(t *testing.T) {
	for _, step := range []client.Step{client.Connect, client.Greeting} {
		if got := hint(&client.ConnectError{Step: step, Err: syscall.ECONNRESET}); !strings.Contains(got, "hung up before it said a word") {
			t.Errorf("%s: %q", step, got)
		}
	}
}
