package data

import "io"

// input is what arrives on a data connection, read ahead into the buffer of
// its Conn. What a transfer leaves there belongs to the next one.
type input struct {
	w *wire
}

// peek returns the bytes that have arrived and were not consumed: at least
// one, or the connection's error. They stay until skip.
func (in input) peek() ([]byte, error) {
	c := in.w.c
	if c.ahead == nil {
		c.ahead = newBuffer()
	}
	b := c.ahead
	if len(b.rest()) == 0 {
		n, err := in.w.Read(b.all())
		b.data, b.pos = b.data[:n], 0
		if n == 0 {
			return nil, err
		} // an error that came along comes again
	}
	return b.rest(), nil
}

// skip consumes n of the bytes that peek has returned.
func (in input) skip(n int) { in.w.c.ahead.pos += n }

// Read takes what was read ahead, else large pieces from the connection.
func (in input) Read(p []byte) (int, error) {
	if ahead := in.w.c.ahead; len(p) >= directRead && (ahead == nil || len(ahead.rest()) == 0) {
		return in.w.Read(p)
	}
	avail, err := in.peek()
	if err != nil {
		return 0, err
	}
	n := copy(p, avail)
	in.skip(n)
	return n, nil
}

func (in input) ReadByte() (byte, error) {
	avail, err := in.peek()
	if err != nil {
		return 0, err
	}
	b := avail[0]
	in.skip(1)
	return b, nil
}

// within is for bytes that must come: the end of the connection before them
// is a cut.
func within(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
