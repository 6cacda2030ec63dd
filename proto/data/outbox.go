package data

import "io"

// outbox gathers small writes for the connection in a pooled buffer.
type outbox struct {
	w io.Writer
	b *buffer // nil while empty
}

// reserve returns room for n more bytes, sending first what is in the way.
// n is less than bufferSize. The caller puts the bytes there with commit.
func (o *outbox) reserve(n int) error {
	if o.b != nil && o.b.room() < n {
		if err := o.Flush(); err != nil {
			return err
		}
	}
	if o.b == nil {
		o.b = newBuffer()
	}
	return nil
}

func (o *outbox) Write(p []byte) (int, error) {
	if len(p) >= directWrite {
		if err := o.Flush(); err != nil {
			return 0, err
		}
		return o.w.Write(p)
	}
	if err := o.reserve(len(p)); err != nil {
		return 0, err
	}
	o.b.data = append(o.b.data, p...)
	return len(p), nil
}

// put appends single bytes: headers, escapes, run lengths.
func (o *outbox) put(bytes ...byte) error {
	if err := o.reserve(len(bytes)); err != nil {
		return err
	}
	o.b.data = append(o.b.data, bytes...)
	return nil
}

// Flush sends what was gathered and gives the buffer back.
func (o *outbox) Flush() error {
	if o.b == nil {
		return nil
	}
	_, err := o.w.Write(o.b.data)
	o.drop()
	return err
}

func (o *outbox) drop() {
	if o.b != nil {
		o.b.free()
		o.b = nil
	}
}
