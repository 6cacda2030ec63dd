package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
)

// errNoRename is a server with which a file can't get its name by a rename.
var errNoRename = errors.New("renaming does not work there")

// noRename makes err an errNoRename, if it is a reply that says so for good.
// A full disk, a busy file or a lost connection says nothing about renaming:
// to send in place then would cost the old file and gain nothing.
func noRename(err error) error {
	var reply *proto.ReplyError
	if !errors.As(err, &reply) || reply.Reply.Code.Class() != proto.Fail || client.Full(err) {
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

// atomic reports whether s goes to a temporary name first.
func (w *worker) atomic(ctx context.Context, s Step) (bool, error) {
	switch {
	case w.opts.Atomic == AtomicOff:
		return false, nil
	case w.opts.Atomic == AtomicOn, w.opts.Atomic == AtomicDelete:
		return true, nil
	}
	server := w.opts.Server
	if !s.exists && s.Size <= dear || s.Size <= cheap {
		return server.renaming() != renamesNot, nil
	}
	over, err := server.turn(ctx) // the others wait for what one finds out
	if err != nil {
		return false, err
	}
	defer over()
	if server.renaming() == renamesUnknown {
		err := w.probe(ctx, s)
		if err != nil && !errors.Is(err, errNoRename) {
			return false, err
		}
		if err != nil && server.learn(renamesNot) {
			w.notice("%s: uploads go straight to their names: %v", w.client.Host(), err)
		}
	}
	return server.renaming() != renamesNot, nil
}

// probe finds out, on two small files of ours, whether a rename replaces.
func (w *worker) probe(ctx context.Context, s Step) error {
	a, b := probeNames(path.Dir(s.Item.Remote))
	defer func() {
		_ = w.client.Delete(ctx, a)
		_ = w.client.Delete(ctx, b)
	}()
	for _, f := range [][2]string{{a, "new"}, {b, "older"}} {
		if _, err := w.client.Store(ctx, f[0], strings.NewReader(f[1]), client.Transfer{}); err != nil {
			return noRename(err)
		}
	}
	if err := w.client.Rename(ctx, a, b); err != nil {
		return noRename(err)
	}
	if err := w.renamed(ctx, a, b); err != nil {
		return err
	}
	w.opts.Server.learn(renamesOver)
	return nil
}

var errSaidSo = fmt.Errorf("%w: the server says that it renamed and did not", errNoRename)

// renamed looks whether a, which held "new", really took b's place. A drop box
// lets nobody read: there RNFR tells whether a is gone.
func (w *worker) renamed(ctx context.Context, a, b string) error {
	var got bytes.Buffer
	_, err := w.client.Retrieve(ctx, b, &got, client.Transfer{Check: client.CheckAnnounced})
	switch {
	case err == nil && got.String() == "new":
		return nil
	case err == nil:
		return errSaidSo
	case w.client.Broken() || !errors.Is(noRename(err), errNoRename):
		return err
	}
	r, err := w.client.Do(ctx, proto.Cmd("RNFR", a))
	switch {
	case w.client.Broken():
		return err
	case err == nil && r.Code.Class() == proto.More:
		return errSaidSo
	}
	return nil
}

// replace gives an upload its name. Where it isn't known yet that renaming
// does what it says, a success is looked at before it is believed. Where it is known, a
// refusal concerns this one name.
func (w *worker) replace(ctx context.Context, temp string, s Step) error {
	if mode := s.modeThere(); mode != 0 {
		_ = w.client.Chmod(ctx, temp, mode) // a server that won't has the file all the same
	}
	err := w.rename(ctx, temp, s)
	if !errors.Is(err, errNoRename) || w.opts.Atomic != AtomicDelete || !s.exists {
		return err
	}
	if err := w.client.Delete(ctx, s.Item.Remote); err != nil {
		return err
	}
	return w.client.Rename(ctx, temp, s.Item.Remote)
}

// modeThere is what an upload takes over from the file whose name it gets: that
// one may be hidden from others on purpose, or be shown to them. 0: nothing.
func (s Step) modeThere() fs.FileMode {
	if !s.exists {
		return 0
	}
	return s.There.Mode
}

func (w *worker) rename(ctx context.Context, temp string, s Step) error {
	err := w.client.Rename(ctx, temp, s.Item.Remote)
	switch {
	case err == nil:
		return w.moved(ctx, temp, s)
	case w.opts.Server.renaming() == renamesOver:
		return err
	}
	return noRename(err)
}

// moved looks whether a rename that the server says it has done was done, where
// its word for that is not known to be good.
func (w *worker) moved(ctx context.Context, temp string, s Step) error {
	if w.opts.Server.renamesTo(s.exists) {
		return nil
	}
	if !s.exists { // its new name tells it, too, and with a better last word
		if _, err := w.client.Stat(ctx, s.Item.Remote); err == nil {
			w.opts.Server.learnMoves()
			return nil
		}
	}
	switch _, err := w.client.Stat(ctx, temp); {
	case err == nil:
		return errSaidSo
	case w.client.Broken():
		return w.client.Err()
	case client.Transient(err): // it says nothing of the temporary
		return err
	}
	if w.opts.Server.learnMoves(); s.exists {
		w.opts.Server.learn(renamesOver)
	}
	return nil
}
