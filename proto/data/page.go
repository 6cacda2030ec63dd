package data

import "fmt"

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
