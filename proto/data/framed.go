package data

import (
	"io"

	"ferry/proto"
)

// Descriptor bits of modes B and C. RFC 959 §3.4.2.
const (
	descRecord  = 128 // the end of this block is the end of a record
	descFile    = 64  // … of the file
	descSuspect = 32  // errors suspected in this block
	descMarker  = 16  // this block is a restart marker
)

// units is what modes B and C have each in its own form: pieces of data under
// a descriptor.
type units interface {
	// next reads up to the data of a unit; size is their number.
	next() (desc byte, size int, err error)
	// data reads at least one of the left bytes of the unit.
	data(p []byte, left int) (int, error)
}

// framedReader reads units as records of a file. After the unit that ends the
// file it reads no further.
type framedReader struct {
	units  units
	have   bool // a unit was begun; desc and left are its
	desc   byte // what is yet to be acted upon
	left   int  // data yet to be read
	record bool // in a record
	told   notice
}

func (f *framedReader) notice() (n notice) {
	n, f.told = f.told, n
	return n
}

func (f *framedReader) Next() error {
	for {
		if !f.have {
			if err := f.begin(); err != nil {
				return err
			}
		}
		switch {
		case f.left > 0 || f.desc&descRecord != 0:
			f.record = true
			return nil
		case f.desc&descFile != 0: // and stays: the file is over
			return io.EOF
		}
		f.have = false // an empty unit says nothing
	}
}

func (f *framedReader) Read(p []byte) (int, error) {
	for f.record {
		if !f.have {
			if err := f.begin(); err != nil {
				return 0, err
			}
		}
		if f.left > 0 {
			n, err := f.units.data(p[:min(len(p), f.left)], f.left)
			f.left -= n
			return n, within(err)
		}
		// A last record that lacks its end counts as ended.
		f.record = f.desc&(descRecord|descFile) == 0
		f.desc &^= descRecord
		f.have = f.desc&descFile != 0
	}
	return 0, io.EOF
}

// begin begins a unit. A marker is read whole, and is then an empty unit.
func (f *framedReader) begin() (err error) {
	if f.desc, f.left, err = f.units.next(); err != nil {
		return within(err) // the file's end is explicit
	}
	f.have = true
	switch {
	case f.desc&descMarker != 0:
		err = f.marker()
	case f.desc&descSuspect != 0 && f.left > 0:
		f.told = notice{suspect: f.left}
		err = errNotice
	}
	f.desc &= descRecord | descFile
	return err
}

// marker reads a restart marker.
//
// SECURITY: it goes into replies and commands, so that it must be short and
// of printable characters. RFC 959 §3.4.2: without blanks.
func (f *framedReader) marker() error {
	if f.left == 0 || f.left > MaxMarker {
		return &proto.SyntaxError{What: "restart marker", Why: "empty or too long"}
	}
	text := make([]byte, 0, MaxMarker)
	for f.left > 0 {
		n, err := f.units.data(text[len(text):len(text)+f.left], f.left)
		if err != nil {
			return within(err)
		}
		text = text[:len(text)+n]
		f.left -= n
	}
	for _, b := range text {
		if b <= ' ' || b >= 0x7F {
			return &proto.SyntaxError{What: "restart marker", Text: string(text), Why: "not printable"}
		}
	}
	f.told = notice{marker: string(text)}
	return errNotice
}
