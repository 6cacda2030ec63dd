package data

import (
	"bytes"
	"io"

	"ferry/proto"
)

// streamWriter is MODE S with file structure: all bytes are data, and the
// sender's close of the connection is the end. RFC 959 §3.4.1.
type streamWriter struct {
	unmarked
	out flusher
}

// flusher is where a mode's bytes go: the outbox, or deflate above it.
type flusher interface {
	io.Writer
	Flush() error
}

func (s *streamWriter) Write(p []byte) (int, error) { return s.out.Write(p) }
func (s *streamWriter) EndRecord() error            { return nil }
func (s *streamWriter) Flush() error                { return s.out.Flush() }
func (s *streamWriter) Close() error                { return s.out.Flush() }

// streamReader is the other side: one record, which is the file.
type streamReader struct {
	silent
	in      io.Reader
	started bool
}

func (s *streamReader) Next() error {
	if s.started {
		return io.EOF
	}
	s.started = true
	return nil
}

func (s *streamReader) Read(p []byte) (int, error) { return s.in.Read(p) }

// Codes of MODE S with record structure. RFC 959 §3.4.1: after the escape, a
// byte of all ones, 1 is the end of a record, 2 of the file, 3 of both, and
// an escape is one byte of data.
const (
	escape    = 0xFF
	escRecord = 1
	escFile   = 2
)

var (
	escaped   = []byte{escape, escape}
	recordEnd = []byte{escape, escRecord}
	fileEnd   = []byte{escape, escFile}
)

// escapeWriter is MODE S with record structure.
type escapeWriter struct {
	unmarked
	out flusher
}

func (e *escapeWriter) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		i := bytes.IndexByte(p[done:], escape)
		if i < 0 {
			n, err := e.out.Write(p[done:])
			return done + n, err
		}
		n, err := e.out.Write(p[done : done+i])
		done += n
		if err != nil {
			return done, err
		}
		if _, err := e.out.Write(escaped); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (e *escapeWriter) EndRecord() error {
	_, err := e.out.Write(recordEnd)
	return err
}

func (e *escapeWriter) Flush() error { return e.out.Flush() }

func (e *escapeWriter) Close() error {
	if _, err := e.out.Write(fileEnd); err != nil {
		return err
	}
	return e.out.Flush()
}

// peeker is where a mode's bytes come from: the input, or inflate above it.
type peeker interface {
	io.Reader
	peek() ([]byte, error)
	skip(n int)
}

// escapeReader is the other side. A last record that lacks its end counts as
// ended: RFC 959 §3.4 wants the end explicit, some senders spare it.
type escapeReader struct {
	silent
	in     peeker
	data   bool // an escaped escape is the next byte of data
	record bool // in a record; its end was not read
	ended  bool // the record's end was read, by Next: it is empty
	over   bool // the file's end was read
}

func (e *escapeReader) Next() error {
	if e.over {
		return io.EOF
	}
	avail, err := e.in.peek()
	if err != nil {
		return within(err) // the file's end is explicit
	}
	e.record = true
	if avail[0] != escape {
		return nil
	}
	if err := e.escape(); err != nil {
		return err
	}
	if e.over && !e.ended {
		return io.EOF
	}
	return nil
}

func (e *escapeReader) Read(p []byte) (int, error) {
	for {
		switch {
		case e.data:
			p[0], e.data = escape, false
			return 1, nil
		case e.ended, !e.record:
			e.ended, e.record = false, false
			return 0, io.EOF
		}
		avail, err := e.in.peek()
		if err != nil {
			return 0, within(err)
		}
		if avail[0] != escape {
			return e.plain(p, avail), nil
		}
		if err := e.escape(); err != nil {
			return 0, err
		}
	}
}

func (e *escapeReader) plain(p, avail []byte) int {
	if i := bytes.IndexByte(avail, escape); i > 0 {
		avail = avail[:i]
	}
	n := copy(p, avail)
	e.in.skip(n)
	return n
}

// escape reads an escape and its code.
func (e *escapeReader) escape() error {
	e.in.skip(1)
	avail, err := e.in.peek()
	if err != nil {
		return within(err)
	}
	code := avail[0]
	e.in.skip(1)
	switch code {
	case escape:
		e.data = true
	case escRecord:
		e.ended = true
	case escFile:
		e.over, e.record = true, false
	case escRecord | escFile:
		e.over, e.ended = true, true
	default:
		return &proto.SyntaxError{What: "record escape", Text: string([]byte{code})}
	}
	return nil
}
