package data

import (
	"context"
	"errors"
	"io"

	"ferry/proto"
)

// errClosed reports use after Close.
var errClosed = errors.New("used after Close")

// Writer sends one file, or a listing, that is made piece by piece. Small
// pieces are gathered until Flush or Close.
type Writer struct {
	w    *wire // nil: nothing is sent, only counted
	out  *outbox
	mode frameWriter
	top  sender
	o    Options
	at   int64 // position in the file
	due  int64 // where the next restart marker should stand
	err  error // the first, or errClosed
}

// NewWriter begins to send a file over c. The context and the clocks hold
// until Close, which must be called; it doesn't close c.
// Errors: as Options.Supported, and from a page descriptor that can't be sent.
func NewWriter(ctx context.Context, c *Conn, o Options) (*Writer, error) {
	c.route = routeLayers
	wire := newWire(ctx, c, o)
	w, err := newWriter(wire, o)
	if err != nil {
		wire.release()
		return nil, err
	}
	w.w = wire
	return w, nil
}

// newWriter makes a Writer whose bytes go to the given end.
func newWriter(end io.Writer, o Options) (*Writer, error) {
	if err := o.Supported(); err != nil {
		return nil, err
	}
	w := &Writer{o: o, out: &outbox{w: end}, at: o.Offset, due: o.Offset + o.MarkEvery}
	if m := o.Params.Mode; m != proto.Block && m != proto.Compressed {
		w.o.MarkEvery = 0 // RFC 959 §3.5: defined only for these
	}
	w.mode = newModeWriter(w.out, o)
	var err error
	if w.top, err = newSender(w.mode, o); err != nil {
		w.out.drop()
		return nil, err
	}
	return w, nil
}

// Write sends file bytes. The first error is the last: all later calls return
// it again.
func (w *Writer) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) && w.err == nil {
		if w.err = w.mark(p[done:]); w.err != nil {
			break
		}
		var n int
		n, w.err = w.top.Write(w.upToMark(p[done:]))
		w.at += int64(n)
		done += n
		if w.w != nil {
			w.w.count(int64(n))
		}
	}
	return done, w.err
}

// upToMark cuts p where a marker should stand, or else at the first place
// behind it where one can.
func (w *Writer) upToMark(p []byte) []byte {
	switch {
	case w.o.MarkEvery <= 0:
		return p
	case w.at < w.due:
		return p[:min(int64(len(p)), w.due-w.at)]
	}
	if n := w.top.clean(p); n > 0 {
		return p[:n]
	}
	return p
}

// mark sends a restart marker if one is due and can stand before p.
func (w *Writer) mark(p []byte) error {
	if w.o.MarkEvery <= 0 || w.at < w.due || w.top.clean(p) != 0 {
		return nil
	}
	w.due = w.at + w.o.MarkEvery
	return w.mode.Mark(FormatMarker(w.at))
}

// Flush sends what was gathered.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.mode.Flush()
	}
	return w.err
}

// Close sends what is left and marks the end of the file where the mode can;
// in MODE S with file structure closing c is the mark, and the caller's work.
// A file that was not written to its end is given up with Abandon.
func (w *Writer) Close() error {
	if w.err == errClosed {
		return nil
	}
	if w.err == nil {
		w.err = w.top.Close()
	}
	return w.end()
}

// Abandon ends without marking the end of the file; c should be closed.
func (w *Writer) Abandon() {
	if w.err != errClosed {
		_ = w.end()
	}
}

func (w *Writer) end() error {
	if w.w != nil {
		w.w.release()
	}
	w.out.drop()
	err := w.err
	w.err = errClosed
	return err
}
