package data

import (
	"fmt"
	"io"

	"ferry/proto"
)

// A page header. RFC 959 §3.1.2.3: each field is one logical byte, which has
// 8 bits in the types served: its own length, the page's index, the length
// of the data, the page's type, and fields that depend on that.
const (
	pageHeader = 4 // the shortest header; access controlled pages have one more

	pageLast       = 0 // ends the file; no data
	pageSimple     = 1
	pageDescriptor = 2 // data is about the file as a whole
	pageAccess     = 3 // simple, with a byte of access control in the header
)

// pageSender is STRU P. Page i is sent with index i; pages that lie in a hole
// as a whole are not sent, but for the last, which carries the file's length.
type pageSender struct {
	mode frameWriter
	size int
	at   int64  // position in the file of the next byte
	page []byte // the begun page
	hole bool   // the begun page has no data so far
	gone bool   // the page before was a hole and not sent
}

func newPageSender(mode frameWriter, o Options) (*pageSender, error) {
	s := &pageSender{mode: mode, size: o.Pages.size(), at: o.Offset}
	if o.Offset%int64(s.size) != 0 {
		return nil, &FileError{fmt.Errorf("%w: position %d is within a page", ErrPages, o.Offset)}
	}
	if len(o.Pages.Descriptor) > MaxPage {
		return nil, &FileError{fmt.Errorf("%w: descriptor of %d bytes", ErrPages, len(o.Pages.Descriptor))}
	}
	s.page = make([]byte, 0, s.size)
	if o.Pages.Descriptor == nil {
		return s, nil
	}
	return s, s.send(pageDescriptor, 0, o.Pages.Descriptor)
}

func (s *pageSender) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n := min(s.size-len(s.page), len(p)-done)
		s.page = append(s.page, p[done:done+n]...)
		s.hole = false
		done += n
		if err := s.advance(n); err != nil {
			return done, err
		}
	}
	return done, nil
}

// skip is a Write of n bytes that are a hole.
func (s *pageSender) skip(n int64) error {
	for n > 0 {
		if len(s.page) == 0 {
			s.hole = true
		}
		k := int(min(int64(s.size-len(s.page)), n))
		s.page = append(s.page, make([]byte, k)...)
		n -= int64(k)
		if err := s.advance(k); err != nil {
			return err
		}
	}
	return nil
}

// advance has put n bytes into the page and sends it if it is full.
func (s *pageSender) advance(n int) error {
	s.at += int64(n)
	if len(s.page) < s.size {
		return nil
	}
	if s.at/int64(s.size) > maxPages {
		return &FileError{fmt.Errorf("%w: more than %d bytes", ErrPages, maxPages*s.size)}
	}
	if s.gone = s.hole; s.gone {
		s.page, s.hole = s.page[:0], false
		return nil
	}
	return s.flushPage()
}

// flushPage sends the begun page, which ends where the file has got to.
func (s *pageSender) flushPage() error {
	start := s.at - int64(len(s.page))
	index := start / int64(s.size)
	if index >= maxPages {
		return &FileError{fmt.Errorf("%w: more than %d bytes", ErrPages, maxPages*s.size)}
	}
	err := s.send(pageSimple, byte(index), s.page)
	s.page, s.hole = s.page[:0], false
	return err
}

func (s *pageSender) send(kind, index byte, data []byte) error {
	header := []byte{pageHeader, index, byte(len(data)), kind}
	if _, err := s.mode.Write(header); err != nil {
		return err
	}
	_, err := s.mode.Write(data)
	return err
}

func (s *pageSender) clean(p []byte) int {
	left := (s.size - len(s.page)) % s.size
	if left > len(p) {
		return -1
	}
	return left
}

func (s *pageSender) Close() error {
	if len(s.page) == 0 && s.gone {
		s.page = s.page[:s.size]
		clear(s.page)
	}
	if len(s.page) > 0 {
		if err := s.flushPage(); err != nil {
			return err
		}
	}
	if err := s.send(pageLast, 0, nil); err != nil {
		return err
	}
	return s.mode.Close()
}

// pageReceiver is the other side. next returns the pages; Read is the file
// from front to back, with zeros in the holes, for those that can't seek.
type pageReceiver struct {
	up    io.Reader
	more  bool // the mode has its own end of the file, which must follow
	size  int
	about func([]byte) error // descriptor pages

	head, body []byte // of the page that arrives
	over       bool

	at   int64  // Read: position in the file
	gap  int64  // Read: zeros to be returned, and then
	rest []byte // Read: these
}

func newPageReceiver(mode frameReader, o Options) *pageReceiver {
	return &pageReceiver{
		up:    &fileReceiver{mode: mode},
		more:  o.Params.Mode != proto.Stream,
		size:  o.Pages.size(),
		about: o.Pages.OnDescriptor,
		at:    o.Offset,
	}
}

func (r *pageReceiver) clean() bool { return len(r.head) == 0 && r.gap == 0 && len(r.rest) == 0 }

func (r *pageReceiver) Read(p []byte) (int, error) {
	for r.gap == 0 && len(r.rest) == 0 {
		at, data, err := r.next()
		if err != nil {
			return 0, err
		}
		if r.gap = at - r.at; r.gap < 0 {
			return 0, malformedPage("out of order, and the file can't seek")
		}
		r.rest = data
		r.at = at + int64(len(data))
	}
	if r.gap > 0 {
		p = p[:min(int64(len(p)), r.gap)]
		clear(p)
		r.gap -= int64(len(p))
		return len(p), nil
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// next returns the next page and where it lies in the file; io.EOF after the
// last. The data is good until the following call.
func (r *pageReceiver) next() (at int64, data []byte, err error) {
	for !r.over {
		if err := r.gather(); err != nil {
			return 0, nil, within(err)
		}
		head := r.head
		r.head = r.head[:0]
		switch data = r.body; head[3] {
		case pageLast:
			r.over = true
		case pageDescriptor:
			if r.about == nil {
				continue
			}
			if err := r.about(data); err != nil {
				return 0, nil, err
			}
		default:
			return int64(head[1]) * int64(r.size), data, nil
		}
	}
	return 0, nil, r.end()
}

// gather reads a page. It can be called again after errNotice.
func (r *pageReceiver) gather() (err error) {
	if len(r.head) == 0 {
		r.body = r.body[:0]
	}
	if r.head, err = r.fill(r.head, pageHeader); err != nil {
		return err
	}
	length := int(r.head[0])
	if why := pageFault(length, int(r.head[2]), r.head[3], r.size); why != "" {
		return malformedPage(why)
	}
	if r.head, err = r.fill(r.head, length); err != nil {
		return err
	}
	r.body, err = r.fill(r.body, int(r.head[2]))
	return err
}

func pageFault(header, data int, kind byte, size int) string {
	switch {
	case header < pageHeader:
		return "header too short"
	case kind > pageAccess:
		return "unknown type"
	case kind == pageLast && data != 0:
		return "last page with data"
	case kind == pageAccess && header != pageHeader+1,
		kind < pageDescriptor && header != pageHeader:
		return "wrong length of header"
	case kind != pageDescriptor && data > size:
		return "larger than the pages of this file"
	}
	return ""
}

// fill reads until b has n bytes.
func (r *pageReceiver) fill(b []byte, n int) ([]byte, error) {
	if cap(b) < n {
		b = append(make([]byte, 0, MaxPage), b...)
	}
	for len(b) < n {
		k, err := r.up.Read(b[len(b):n])
		b = b[:len(b)+k]
		if err != nil && len(b) < n {
			return b, err
		}
	}
	return b, nil
}

// end is the file's end, which modes that have one mark behind the last page.
func (r *pageReceiver) end() error {
	if !r.more {
		return io.EOF
	}
	var b [smallRead]byte
	n, err := r.up.Read(b[:])
	if n > 0 {
		return malformedPage("data behind the last one")
	}
	return err
}

func malformedPage(why string) error { return &proto.SyntaxError{What: "page", Why: why} }
