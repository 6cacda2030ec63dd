package doctor

import (
	"context"
	"errors"
	"fmt"

	"ferry/proto"
	"ferry/proto/client"
)

// Patient is the server to examine, and as whom.
type Patient struct {
	Target  string // as the report names it, without a password
	Address string // host:port
	Path    string // where to look for files; "" is where the login leads
	Who     client.Credentials
	Client  client.Config // whom it trusts, and how it connects
	Write   Write
}

// Write says whether the examination may upload.
type Write bool

// The values of Write.
const (
	LookOnly Write = false
	MayWrite Write = true // in a directory of its own, which it removes
)

// exam is an examination under way.
type exam struct {
	Patient
	client *client.Client
	file   string // a file that may be read, "" when none was found
	size   int64  // of file
	dir    string // our own directory, "" while there is none
	resume bool   // a data connection has resumed the TLS session
	sealed bool   // one was encrypted
}

// Examine asks everything that table has. The error is why the server could not
// be reached, trusted or logged in to; the report holds what was found before.
func Examine(ctx context.Context, p Patient) (Report, error) {
	if p.Client.Timeouts.Meet == 0 {
		p.Client.Timeouts.Meet = meetTime
	}
	x := &exam{Patient: p}
	report := Report{Target: p.Target}
	defer x.leave(context.WithoutCancel(ctx))
	for _, r := range table() {
		if r.write && p.Write == LookOnly {
			continue
		}
		f, err := x.ask(ctx, r)
		f.Area, f.Name = r.area, r.name
		if f.Result != "" {
			report.Findings = append(report.Findings, f)
		}
		if err != nil {
			return report, err
		}
		if ctx.Err() != nil {
			return report, context.Cause(ctx)
		}
	}
	return report, nil
}

// ask answers one row. An error ends the examination.
func (x *exam) ask(ctx context.Context, r row) (Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	if r.opens != nil {
		return r.opens(ctx, x)
	}
	if r.file && x.file == "" {
		return Finding{Result: Untold, Found: "there is no file of 2 bytes to 8 MiB to try it with", Fix: "name a directory that has one, or let doctor make one: --write"}, nil
	}
	if err := x.session(ctx); err != nil {
		return Finding{Result: Fails, Found: err.Error(), Fix: "the server took a login before and takes none now: is there a limit of sessions or of logins?"}, nil
	}
	f := r.look(ctx, x)
	if f.Result == Fails {
		x.hangUp() // what it still owes must not answer the next question
	}
	return f, nil
}

// session sees to a client that is logged in.
func (x *exam) session(ctx context.Context) error {
	if x.client != nil && !x.client.Broken() {
		return nil
	}
	cfg := x.Client
	cfg.Quirks = client.Quirks{}
	c, err := client.Dial(ctx, x.Address, cfg)
	if err != nil {
		return err
	}
	x.client = c
	if err := c.Login(ctx, x.Who); err != nil {
		return err
	}
	if x.Path == "" {
		return nil
	}
	return x.enter(ctx)
}

// enter goes to the directory that was named, or finds that it is a file.
func (x *exam) enter(ctx context.Context) error {
	err := x.client.ChangeDir(ctx, x.Path)
	if refused(err) {
		if n, serr := x.client.Size(ctx, x.Path); serr == nil {
			x.file, x.size = x.Path, n
			return nil
		}
	}
	return err
}

func (x *exam) hangUp() {
	if x.client != nil {
		_ = x.client.Close()
	}
}

// leave removes what is ours and ends the session.
func (x *exam) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, cleanTime)
	defer cancel()
	if x.dir != "" {
		_, _ = x.clean(ctx)
	}
	if x.client != nil {
		_ = x.client.Quit(ctx)
	}
}

// refused reports a reply that says no, over a connection that stands.
func refused(err error) bool {
	var re *proto.ReplyError
	return errors.As(err, &re)
}

// unknown reports a refusal that says that the command is not known.
func unknown(err error) bool {
	var re *proto.ReplyError
	if !errors.As(err, &re) {
		return false
	}
	switch re.Reply.Code {
	case proto.Unrecognised, proto.NotImplemented, proto.Superfluous, proto.BadParameter:
		return true
	}
	return errors.Is(err, errors.ErrUnsupported)
}

func works(format string, args ...any) Finding {
	return Finding{Result: Works, Found: fmt.Sprintf(format, args...)}
}

func fails(err error, fix string) Finding {
	return Finding{Result: Fails, Found: err.Error(), Fix: fix}
}
