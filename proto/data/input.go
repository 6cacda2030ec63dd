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
		b := newBuffer()
		n, err := in.w.Read(b.all())
		if n == 0 {
			b.free()
			return nil, err
		}
		b.data = b.data[:n] // an error that came along comes again
		c.ahead = b
	}
	return c.ahead.rest(), nil
}

// skip consumes n of the bytes that peek has returned.
func (in input) skip(n int) {
	c := in.w.c
	if c.ahead.pos += n; c.ahead.pos == len(c.ahead.data) {
		c.drop()
	}
}

// Read takes what was read ahead, else large pieces from the connection.
func (in input) Read(p []byte) (int, error) {
	if in.w.c.ahead == nil && len(p) >= bufferSize/4 {
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
