package data

import (
	"io"
	"os"
)

// STRU P with files that can be written and read at any place.

// placer returns how to write to dst at a position; nil if it has no
// positions.
func placer(dst io.Writer) io.WriterAt {
	if f := osFile(dst); f != nil {
		return f
	}
	switch d := dst.(type) {
	case io.WriterAt:
		return d
	case io.WriteSeeker:
		return seekWriter{d}
	}
	return nil
}

// seekWriter writes at a position by going there.
type seekWriter struct {
	io.WriteSeeker
}

func (s seekWriter) WriteAt(p []byte, at int64) (int, error) {
	if _, err := s.Seek(at, io.SeekStart); err != nil {
		return 0, err
	}
	return s.Write(p)
}

// receivePages puts each page at its place.
func (r *Reader) receivePages(pages *pageReceiver, dst io.WriterAt) (total int64, err error) {
	for {
		at, data, err := pages.next()
		switch {
		case err == io.EOF && r.suspect:
			return total, ErrSuspect
		case err == io.EOF:
			return total, nil
		case err == errNotice:
			err = r.tell(r.mode.notice())
		}
		if err != nil {
			return total, err
		}
		end := at + int64(len(data))
		if r.o.Max > 0 && end > r.o.Max {
			return total, ErrTooLarge
		}
		n, err := dst.WriteAt(data, at)
		total += int64(n)
		r.w.count(int64(n))
		if err != nil {
			return total, &FileError{err}
		}
		r.at = end
	}
}

func regular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// sendPages sends f and leaves its holes out.
func (w *Writer) sendPages(pages *pageSender, f *os.File) (total int64, err error) {
	for {
		hole, data, err := nextData(f, pages.at)
		if err != nil {
			return total, &FileError{err}
		}
		if err := pages.skip(hole); err != nil {
			return total, err
		}
		w.at = pages.at
		if data == 0 {
			return total, nil
		}
		n, err := pump(w.Write, io.NewSectionReader(f, pages.at, data))
		total += n
		if err != nil {
			return total, err
		}
	}
}
