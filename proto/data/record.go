package data

import (
	"bytes"
	"io"
)

// recordSender is STRU R in text types: what the type calls the end of a line
// becomes the end of a record. RFC 959 §3.1.2.2. A last line without its end
// is a record as well.
type recordSender struct {
	mode frameWriter
	eol  []byte // CR LF or NL
	held bool   // the first byte of a two-byte eol was the last byte given
	data bool   // something was sent since the last record end
}

func (r *recordSender) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := r.piece(p[done:])
		if done += n; err != nil {
			return done, err
		}
	}
	return done, nil
}

// piece sends p up to its first line end and returns how much that was.
func (r *recordSender) piece(p []byte) (int, error) {
	last := r.eol[len(r.eol)-1]
	if r.held {
		r.held = false
		if p[0] == last {
			return 1, r.endRecord()
		}
		return 0, r.bytes(r.eol[:1])
	}
	if i := bytes.Index(p, r.eol); i >= 0 {
		if err := r.bytes(p[:i]); err != nil {
			return 0, err
		}
		return i + len(r.eol), r.endRecord()
	}
	rest := p
	if len(r.eol) == 2 && p[len(p)-1] == r.eol[0] {
		rest, r.held = p[:len(p)-1], true
	}
	return len(p), r.bytes(rest)
}

func (r *recordSender) bytes(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	r.data = true
	_, err := r.mode.Write(p)
	return err
}

func (r *recordSender) endRecord() error {
	r.data = false
	return r.mode.EndRecord()
}

// clean is the type's to answer: it knows the lines.
func (r *recordSender) clean([]byte) int { return 0 }

func (r *recordSender) Close() error {
	if r.held {
		r.held = false
		if err := r.bytes(r.eol[:1]); err != nil {
			return err
		}
	}
	if r.data {
		if err := r.endRecord(); err != nil {
			return err
		}
	}
	return r.mode.Close()
}

// recordReceiver is the other side: a record's end becomes the type's line
// end.
type recordReceiver struct {
	mode   frameReader
	eol    []byte
	owed   []byte // rest of a line end to be handed over
	inside bool   // in a record
}

// clean: a line end that is owed is handed over before the mode is asked again.
func (r *recordReceiver) clean() bool { return true }

func (r *recordReceiver) Read(p []byte) (int, error) {
	for {
		if len(r.owed) > 0 {
			n := copy(p, r.owed)
			r.owed = r.owed[n:]
			return n, nil
		}
		if !r.inside {
			if err := r.mode.Next(); err != nil {
				return 0, err
			}
			r.inside = true
		}
		n, err := r.mode.Read(p)
		if err == io.EOF {
			r.inside, r.owed, err = false, r.eol, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}
