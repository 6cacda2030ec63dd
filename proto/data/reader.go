package data

import (
	"context"
	"io"
)

// Reader receives one file, or a listing.
type Reader struct {
	w       *wire
	mode    frameReader
	top     receiver
	o       Options
	at      int64  // position in the file, past what Read has returned
	small   []byte // for callers that ask for less than the layers can give
	suspect bool
	err     error // io.EOF, the first error, or errClosed
}

// NewReader begins to receive a file over c. The context and the clocks hold
// until Close, which must be called; it doesn't close c.
// Errors: as Options.Supported.
func NewReader(ctx context.Context, c *Conn, o Options) (*Reader, error) {
	if err := o.Supported(); err != nil {
		return nil, err
	}
	c.route = routeLayers
	r := &Reader{w: newWire(ctx, c, o), o: o, at: o.Offset}
	r.mode = newModeReader(input{r.w}, o)
	r.top = newReceiver(r.mode, o)
	return r, nil
}

// Read returns file bytes; io.EOF at the end of the file. A file in MODE B, C
// or Z, or in STRU R or P, that breaks off is io.ErrUnexpectedEOF. In MODE S
// with file structure, the peer's close is the end whatever its reason.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.small) > 0 {
		return r.fromSmall(p), nil
	}
	if len(p) >= smallRead {
		return r.read(p)
	}
	buf := make([]byte, smallRead)
	n, err := r.read(buf)
	if n == 0 {
		return 0, err
	}
	r.small = buf[:n]
	return r.fromSmall(p), nil
}

func (r *Reader) fromSmall(p []byte) int {
	n := copy(p, r.small)
	r.small = r.small[n:]
	return n
}

// read fills p from what has arrived: records and runs are small, writes to
// a file should not be. It waits only for the first byte.
func (r *Reader) read(p []byte) (int, error) {
	for {
		if r.judge(); r.err != nil {
			return 0, r.err
		}
		n := 0
		for r.err == nil && len(p)-n >= smallRead && (n == 0 || r.atHand()) {
			var k int
			k, r.err = r.top.Read(p[n:])
			n += k
		}
		if n > 0 {
			return r.taken(n), nil // an error is told the next time
		}
	}
}

// atHand reports whether more has arrived.
func (r *Reader) atHand() bool {
	if d, ok := r.mode.(*deflateReader); ok && d.z.b != nil {
		return true
	}
	ahead := r.w.c.ahead
	return ahead != nil && len(ahead.rest()) > 0 || r.w.stock != nil && r.w.stock.Stocked()
}

// taken counts n bytes, no more of them than Max allows.
//
// SECURITY: Max stops a stream that grows without end when it is unpacked.
func (r *Reader) taken(n int) int {
	if left := r.o.Max - (r.at - r.o.Offset); r.o.Max > 0 && int64(n) > left {
		n, r.err = int(left), ErrTooLarge
	}
	r.at += int64(n)
	r.w.count(int64(n))
	return n
}

// judge acts on an error of the layers.
func (r *Reader) judge() {
	switch r.err {
	case errNotice:
		r.err = r.tell(r.mode.notice())
	case io.EOF:
		if r.suspect {
			r.err = ErrSuspect
		}
	}
}

// tell hands a notice to whom it concerns. A marker that falls between the
// bytes of a line end, or into a record, is not told: another will come.
func (r *Reader) tell(n notice) error {
	switch {
	case n.marker != "" && r.o.OnMark != nil && r.top.clean():
		return r.o.OnMark(n.marker, r.at)
	case n.suspect > 0 && r.o.OnSuspect != nil:
		return r.o.OnSuspect(r.at, n.suspect)
	case n.suspect > 0:
		r.suspect = true
	}
	return nil
}

// Close ends the use of the connection. It doesn't read to the file's end.
func (r *Reader) Close() error {
	if r.err != errClosed {
		r.w.release()
		r.err, r.small = errClosed, nil
	}
	return nil
}
