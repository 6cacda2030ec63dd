package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net"
	"strings"

	"ferry/proto"
)

// Keep is for a connection that carries many files, one after the other, in
// MODE B. Two things are more than RFC 959 has:
//
//   - Behind the last byte of a file stands a marker block with its sum, and
//     what else the sender wants to say of it: sha-256=…;modify=…;
//   - A file that its sender can't finish ends in a block that is both suspect
//     and the last (RFC 959 §3.4.2), and one that its receiver can't take is
//     read to its end. So one failed file does not cost the connection.
type Keep struct {
	Facts string // sender: what to say of the file, as fact=value;
	Got   string // receiver: what was said of it, the sum left out

	// InStep is set at the end: the connection stands between two files.
	InStep bool
}

// ErrSum reports a file whose bytes are not those that were sent.
var ErrSum = errors.New("the checksum is not the sender's")

const sumFact = "sha-256="

// sendKept sends one file, its sum behind it.
func sendKept(ctx context.Context, c *Conn, src io.Reader, o Options) (int64, error) {
	if o.Params.Mode != proto.Block {
		return 0, &proto.ParamError{Param: "MODE", Value: o.Params.Mode.String()}
	}
	o.MarkEvery = 0
	w, err := NewWriter(ctx, c, o)
	if err != nil {
		return 0, err
	}
	return w.keep(src)
}

// keep sends one file, its sum behind it, and closes w.
func (w *Writer) keep(src io.Reader) (int64, error) {
	keep := w.o.Keep
	sum := sha256.New()
	n, err := pump(func(p []byte) (int, error) { sum.Write(p); return w.Write(p) }, src)
	var fe *FileError
	switch {
	case errors.As(err, &fe):
		keep.InStep = w.spoil() == nil
		w.Abandon()
		return n, err
	case err == nil:
		err = w.mode.Mark(sumFact + hex.EncodeToString(sum.Sum(nil)) + ";" + keep.Facts)
	}
	if err != nil {
		w.Abandon()
		return n, err
	}
	err = w.Close()
	keep.InStep = err == nil
	return n, err
}

// spoil ends a file that is not whole: with a byte that is called suspect, so
// that no receiver takes it for one.
func (w *Writer) spoil() error {
	if w.err != nil {
		return w.err
	}
	if err := w.mode.Flush(); err != nil {
		return err
	}
	if err := w.out.put(descFile|descSuspect, 0, 1, '?'); err != nil {
		return err
	}
	return w.out.Flush()
}

// receiveKept receives one file to its end, whatever dst makes of it.
func receiveKept(ctx context.Context, dst io.Writer, c *Conn, o Options) (int64, error) {
	if o.Params.Mode != proto.Block {
		return 0, &proto.ParamError{Param: "MODE", Value: o.Params.Mode.String()}
	}
	k := &keeper{to: dst, max: o.Max, sum: sha256.New()}
	var said string
	o.Max = 0
	o.OnMark = func(text string, _ int64) error { said = text; return nil }
	o.OnSuspect = nil
	r, err := NewReader(ctx, c, o)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	_, err = drain(k, r.Read)
	o.Keep.InStep = err == nil || err == ErrSuspect
	switch {
	case err != nil:
	case k.err != nil:
		err = k.err
	case !k.right(said, o.Keep):
		err = ErrSum
	}
	return k.taken, err
}

// keeper takes a file as far as it can, and what follows not.
type keeper struct {
	to      io.Writer
	max     int64 // bytes; 0: no bound
	sum     hash.Hash
	taken   int64
	skipped int64
	err     error // why no more is taken
}

func (k *keeper) Write(p []byte) (int, error) {
	k.sum.Write(p)
	take := p
	if left := k.max - k.taken; k.max > 0 && int64(len(p)) > left {
		take = p[:left]
	}
	if k.err == nil {
		n, err := k.to.Write(take)
		k.taken += int64(n)
		switch {
		case err != nil:
			k.err = &FileError{err}
		case len(take) < len(p):
			k.err = ErrTooLarge
		}
		return len(p), nil
	}
	// SECURITY: nobody keeps a receiver busy for ever with what it does not want.
	if k.skipped += int64(len(p)); k.skipped > maxSkip {
		return 0, k.err
	}
	return len(p), nil
}

// right compares the sum with what the sender said, and keeps the rest of it.
func (k *keeper) right(said string, keep *Keep) bool {
	sum, rest, ok := strings.Cut(strings.TrimPrefix(said, sumFact), ";")
	keep.Got = rest
	return ok && strings.HasPrefix(said, sumFact) && sum == hex.EncodeToString(k.sum.Sum(nil))
}

// Skip reads a file that nobody wants to its end.
func Skip(ctx context.Context, c *Conn, o Options) error {
	k := Keep{}
	o.Keep = &k
	_, err := Receive(ctx, refusing{}, c, o)
	if k.InStep {
		return nil
	}
	return err
}

var errUnwanted = errors.New("not wanted")

type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, errUnwanted }

// Over puts another connection in the place of the one below: the same one,
// seen through something else, such as a bound on its rate.
func (c *Conn) Over(nc net.Conn) { c.nc = nc }
