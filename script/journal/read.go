package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Past is what a journal tells of an earlier run.
type Past struct {
	Head   Head
	Lines  map[string]*Line // by id
	Ended  bool             // the run ended by itself
	Code   int              // with this code
	Torn   bool             // the last record was not whole, and is left out
	Length int64            // bytes that count

	Changed int // number of the last record with Changes
	number  int // of records
}

// Whole reports whether the run was done to its end.
func (p *Past) Whole() bool { return p.Ended && p.Code == 0 }

// Nothing reports whether the run had done nothing yet.
func (p *Past) Nothing() bool { return len(p.Lines) == 0 }

// Line is what is known of one line of the script.
type Line struct {
	Begun  *Record // the latest
	Done   bool
	Site   string
	Files  []Record
	Values []Name // of a condition or a list; nil when nothing is recorded
}

// CorruptError is a journal that is not what was written.
type CorruptError struct {
	Record int // which one, from 1
	What   string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("the journal is damaged: record %d %s", e.Record, e.What)
}

// Read reads a journal. An error means that nothing of it can be believed; a
// last record that is not whole is left out, and Past says so.
func Read(r io.Reader) (*Past, error) {
	p := &Past{Lines: map[string]*Line{}}
	in := bufio.NewReader(io.LimitReader(r, maxJournal))
	for {
		text, err := in.ReadBytes('\n')
		switch {
		case err == io.EOF:
			p.Torn = len(text) > 0
			return p.whole()
		case err != nil:
			return nil, err
		case len(text) > maxRecord:
			return nil, p.corrupt("is too long")
		}
		record, ok := parse(p.nonce(), p.number+1, text[:len(text)-1])
		if !ok {
			// A machine that dies may leave a file's length without its bytes.
			if rest, err := io.ReadAll(in); err == nil && blank(text) && blank(rest) {
				p.Torn = true
				return p.whole()
			}
			return nil, p.corrupt("is not what was written")
		}
		record.Number = p.number + 1
		if err := p.take(record); err != nil {
			return nil, err
		}
		p.number++
		p.Length += int64(len(text))
	}
}

func (p *Past) nonce() string {
	if p.number == 0 {
		return ""
	}
	return p.Head.Nonce
}

// blank reports whether nothing was written there.
func blank(b []byte) bool { return len(bytes.Trim(b, "\x00\n")) == 0 }

func (p *Past) corrupt(what string) error { return &CorruptError{Record: p.number + 1, What: what} }

// whole refuses a journal that does not say of which run it is.
func (p *Past) whole() (*Past, error) {
	if p.number == 0 {
		return nil, errEmpty
	}
	return p, nil
}

// errEmpty is a journal whose run died before it had begun.
var errEmpty = errors.New("the journal is empty")

// take notes one record.
func (p *Past) take(r Record) error {
	if (p.number == 0) != (r.Kind == RunKind) || r.Kind == RunKind && r.Head == nil {
		return p.corrupt("is in the wrong place")
	}
	switch r.Kind {
	case RunKind:
		if r.Head.Version != version {
			return p.corrupt(fmt.Sprintf("is of version %d; this ferry knows %d", r.Head.Version, version))
		}
		p.Head = *r.Head
	case AgainKind:
		p.Ended = false
	case End:
		p.Ended, p.Code = true, r.Code
	default:
		return p.ofLine(r)
	}
	return nil
}

func (p *Past) ofLine(r Record) error {
	l := p.Lines[r.ID]
	if l == nil {
		l = &Line{}
		p.Lines[r.ID] = l
	}
	if r.Site != "" {
		l.Site = r.Site
	}
	if r.Changes {
		p.Changed = r.Number
	}
	switch r.Kind {
	case Begin:
		l.Begun, l.Done = &r, false
	case File:
		l.Files = append(l.Files, r)
	case Value:
		l.Values = append([]Name{}, r.Values...)
	case Done:
		l.Done = true
	case Failed:
		l.Begun, l.Done = nil, false
	default:
		return p.corrupt("is of a kind that is not known")
	}
	return nil
}
