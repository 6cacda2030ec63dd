package repl

import (
	"io"
	"sync"
)

// input is what is typed. A read of it can be ended, and a key can be pressed
// from inside; the terminal itself is read only when somebody wants a key, so
// that a command run by `!` finds it free.
type input struct {
	want  chan struct{}
	got   chan chunk
	press chan byte
	done  chan struct{}
	close sync.Once

	// of the one who reads
	asked bool
	rest  []byte
}

type chunk struct {
	b   []byte
	err error
}

func newInput(from io.Reader) *input {
	in := &input{want: make(chan struct{}), got: make(chan chunk), press: make(chan byte, 1), done: make(chan struct{})}
	go in.fetch(from)
	return in
}

func (in *input) fetch(from io.Reader) {
	for {
		select {
		case <-in.want:
		case <-in.done:
			return
		}
		b := make([]byte, 4096)
		n, err := from.Read(b)
		select {
		case in.got <- chunk{b[:n], err}:
		case <-in.done:
			return
		}
	}
}

// Read is io.Reader's, for one goroutine.
func (in *input) Read(p []byte) (int, error) {
	if len(in.rest) == 0 {
		if !in.asked {
			select {
			case in.want <- struct{}{}:
				in.asked = true
			case <-in.done:
				return 0, io.EOF
			}
		}
		select {
		case b := <-in.press:
			in.rest = []byte{b}
		case c := <-in.got:
			in.asked, in.rest = false, c.b
			if c.err != nil {
				return 0, c.err
			}
		case <-in.done:
			return 0, io.EOF
		}
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

// Press is a key that nobody pressed.
func (in *input) Press(key byte) {
	select {
	case in.press <- key:
	default: // one is waiting already
	}
}

// Release takes a key back that was not read.
func (in *input) Release() {
	select {
	case <-in.press:
	default:
	}
}

// Close ends all reads.
func (in *input) Close() error {
	in.close.Do(func() { close(in.done) })
	return nil
}
