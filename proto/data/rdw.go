package data

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// rdwSender is STRU R in TYPE I and L: the local file is a sequence of
// records, each behind its record descriptor word, which stays here.
type rdwSender struct {
	mode frameWriter
	word []byte // of the next record, as far as it was given
	left int    // bytes of the record that are to come
}

func (r *rdwSender) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := r.piece(p[done:])
		if done += n; err != nil {
			return done, err
		}
	}
	return done, nil
}

// piece takes from p a part of a descriptor or of a record.
func (r *rdwSender) piece(p []byte) (n int, err error) {
	if r.left > 0 {
		n, err = r.mode.Write(p[:min(r.left, len(p))])
		if r.left -= n; err != nil || r.left > 0 {
			return n, err
		}
		return n, r.mode.EndRecord()
	}
	n = min(rdwSize-len(r.word), len(p))
	if r.word = append(r.word, p[:n]...); len(r.word) < rdwSize {
		return n, nil
	}
	if r.left, err = recordLength(r.word); err != nil {
		return n, err
	}
	r.word = r.word[:0]
	if r.left == 0 {
		err = r.mode.EndRecord()
	}
	return n, err
}

// recordLength reads a descriptor word. Records in segments are refused.
func recordLength(word []byte) (int, error) {
	n := int(binary.BigEndian.Uint16(word)) - rdwSize
	if n < 0 || word[2] != 0 || word[3] != 0 {
		return 0, &FileError{fmt.Errorf("%w: record descriptor word % x", ErrRecord, word)}
	}
	return n, nil
}

func (r *rdwSender) clean(p []byte) int {
	switch {
	case r.left > len(p), len(r.word) > 0:
		return -1
	}
	return r.left
}

func (r *rdwSender) Close() error {
	if r.left > 0 || len(r.word) > 0 {
		return &FileError{fmt.Errorf("%w: the last record is cut", ErrRecord)}
	}
	return r.mode.Close()
}

// rdwReceiver is the other side. A record is gathered whole, since its length
// stands before it.
//
// SECURITY: a record longer than a descriptor can say is ErrRecord, so that
// an endless one costs no memory.
type rdwReceiver struct {
	mode   frameReader
	record []byte // descriptor and data
	inside bool   // in a record
	rest   []byte // of a whole record, to be handed over
}

func (r *rdwReceiver) clean() bool { return !r.inside && len(r.rest) == 0 }

func (r *rdwReceiver) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if err := r.gather(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *rdwReceiver) gather() error {
	if !r.inside {
		if err := r.mode.Next(); err != nil {
			return err
		}
		r.inside = true
		r.record = append(r.record[:0], 0, 0, 0, 0)
	}
	for {
		r.record = slices.Grow(r.record, smallRead)
		n, err := r.mode.Read(r.record[len(r.record):cap(r.record)])
		r.record = r.record[:len(r.record)+n]
		if len(r.record) > rdwSize+maxRecord {
			return fmt.Errorf("%w: a record of more than %d bytes", ErrRecord, maxRecord)
		}
		if err == io.EOF {
			binary.BigEndian.PutUint16(r.record, uint16(len(r.record)))
			r.inside, r.rest = false, r.record
			return nil
		}
		if err != nil {
			return err
		}
	}
}
