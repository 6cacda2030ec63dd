package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
)

// Server is what was learned of one server: whether a rename replaces, and
// what it can't do. The zero value knows nothing.
type Server struct {
	renames renaming
	noTimes bool
}

type renaming byte

const (
	renamesUnknown renaming = iota
	renamesOver             // RNTO replaces what is there
	renamesNot              // it is refused, or answered and not done
)

// errNoRename is a server with which a file can't get its name by a rename.
var errNoRename = errors.New("renaming does not work there")

// noRename makes err an errNoRename, if it is a reply that says so for good.
// A full disk, a busy file or a lost connection says nothing about renaming:
// to send in place then would cost the old file and gain nothing.
func noRename(err error) error {
	var reply *proto.ReplyError
	if !errors.As(err, &reply) || reply.Reply.Code.Class() != proto.Fail || reply.Reply.Code == proto.QuotaExceeded {
		return err
	}
	return fmt.Errorf("%w: %w", errNoRename, err)
}

// cheap is the size up to which a file is sent before it is known whether the
// rename will work: sending it twice costs less than asking first.
const cheap = 256 << 10

// dear is the size from which it pays to ask first even where nothing is in
// the way of the rename.
const dear = 16 << 20

// mayHaveLeft reports whether it pays to ask for what an earlier try left.
func (s *Server) mayHaveLeft(size int64) bool { return size > cheap }

// atomic reports whether s goes to a temporary name first.
func (e *Engine) atomic(ctx context.Context, s Step) (bool, error) {
	switch {
	case e.opts.Atomic == AtomicOff:
		return false, nil
	case e.opts.Atomic == AtomicOn:
		return true, nil
	}
	if e.opts.Server.renames == renamesUnknown && (s.exists && s.Size > cheap || s.Size > dear) {
		err := e.probe(ctx, s)
		if err != nil && !errors.Is(err, errNoRename) {
			return false, err
		}
		if err != nil {
			e.opts.Server.renames = renamesNot
			e.notice("%s: uploads go straight to their names: %v", e.client.Host(), err)
		}
	}
	return e.opts.Server.renames != renamesNot, nil
}

// probe finds out, on two small files of ours, whether a rename replaces.
func (e *Engine) probe(ctx context.Context, s Step) error {
	dir := path.Dir(s.Item.Remote)
	a, b := path.Join(dir, partPrefix+"probe-a"+tempSuffix), path.Join(dir, partPrefix+"probe-b"+tempSuffix)
	defer func() {
		_ = e.client.Delete(ctx, a)
		_ = e.client.Delete(ctx, b)
	}()
	for name, text := range map[string]string{a: "new", b: "older"} {
		if _, err := e.client.Store(ctx, name, strings.NewReader(text), client.Transfer{}); err != nil {
			return noRename(err)
		}
	}
	if err := e.client.Rename(ctx, a, b); err != nil {
		return noRename(err)
	}
	var got bytes.Buffer
	if _, err := e.client.Retrieve(ctx, b, &got, client.Transfer{}); err != nil {
		return noRename(err)
	}
	if got.String() != "new" {
		return fmt.Errorf("%w: the server says that it renamed and did not", errNoRename)
	}
	e.opts.Server.renames = renamesOver
	return nil
}

// replace gives an upload its name. Where it isn't known yet that renaming
// replaces, a success is looked at before it is believed. Where it is known, a
// refusal concerns this one name.
func (e *Engine) replace(ctx context.Context, temp string, s Step) error {
	err := e.client.Rename(ctx, temp, s.Item.Remote)
	if e.opts.Server.renames == renamesOver || err == nil && !s.exists {
		return err
	}
	if err != nil {
		return noRename(err)
	}
	if _, err := e.client.Stat(ctx, temp); err == nil {
		return fmt.Errorf("%w: the server says that it renamed and did not", errNoRename)
	}
	e.opts.Server.renames = renamesOver
	return nil
}
