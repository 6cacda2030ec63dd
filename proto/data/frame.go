package data

import (
	"errors"
	"io"
)

// The seam between structure and mode is the only place where more than bytes
// crosses: record ends, the file's end, restart markers. RFC 959 §3.4.

// frameWriter is the sending side of a mode.
type frameWriter interface {
	io.Writer
	EndRecord() error
	Mark(marker string) error // restart marker; modes B and C only
	Flush() error             // sends what was gathered
	Close() error             // marks the end of the file, if the mode can; not that of the connection
}

// frameReader is the receiving side of a mode. Next goes to the next record,
// the first one included; io.EOF from it is the end of the file. io.EOF from
// Read is the end of the record. Both may return errNotice at any place; it
// comes without bytes.
type frameReader interface {
	io.Reader
	Next() error
	notice() notice // what errNotice was about; clears it
}

// errNotice travels up through the layers like io.EOF does, but reading may
// go on after it. Every layer passes it on at once.
var errNotice = errors.New("restart marker or suspect data")

// notice is what a peer says between the bytes of a file.
type notice struct {
	marker  string // restart marker, or
	suspect int    // so many bytes that follow are suspect
}

// silent is a mode without notices.
type silent struct{}

func (silent) notice() notice { return notice{} }

// unmarked is a mode without restart markers: there bytes are counted.
type unmarked struct{}

func (unmarked) Mark(string) error { return errors.ErrUnsupported }

// sender is a layer of the sending side above the mode.
type sender interface {
	io.Writer
	// clean is the number of bytes of p, from 0, after which the layer holds
	// nothing back and sending could begin again; -1 if there is no such place
	// within p.
	clean(p []byte) int
	Close() error // sends what is held back, and closes the layer below
}

// receiver is a layer of the receiving side above the mode. It is never asked
// for less than smallRead bytes.
type receiver interface {
	io.Reader
	// clean reports whether nothing is held back, so that what was returned
	// is all that came before.
	clean() bool
}
