package data

import (
	"io"

	"ferry/proto"
)

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
