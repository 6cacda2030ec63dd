package data

import (
	"context"
	"io"
	"os"
)

// Send sends the file that src is, from where it stands to its end, and marks
// the end where the mode can. It returns the number of file bytes sent, and
// leaves c open. Errors: *proto.ParamError from Options.Supported before
// anything is sent, *FileError for src, ErrStalled, the context's cause, and
// what the connection says.
//
// When bytes travel as they are, src is an *os.File (or has OSFile, or is an
// *io.LimitedReader of one) and c a *net.TCPConn, the kernel moves them.
func Send(ctx context.Context, c *Conn, src io.Reader, o Options) (int64, error) {
	if err := o.Supported(); err != nil {
		return 0, err
	}
	if o.Keep != nil {
		return sendKept(ctx, c, src, o)
	}
	if o.Params.Identity() {
		return sendPlain(ctx, c, src, o)
	}
	w, err := NewWriter(ctx, c, o)
	if err != nil {
		return 0, err
	}
	n, err := w.sendAll(src)
	if err != nil {
		w.Abandon()
		return n, err
	}
	return n, w.Close()
}

// sendAll copies src into the layers.
func (w *Writer) sendAll(src io.Reader) (int64, error) {
	if p, ok := w.top.(*pageSender); ok {
		if f := osFile(src); f != nil && regular(f) {
			return w.sendPages(p, f)
		}
	}
	return pump(w.Write, src)
}

// Receive receives a file into dst. It returns the number of file bytes that
// dst has taken, and leaves c open. Errors: as Send's, *FileError for dst;
// those of Reader.Read.
//
// The kernel moves the bytes under the same conditions as in Send.
func Receive(ctx context.Context, dst io.Writer, c *Conn, o Options) (int64, error) {
	if err := o.Supported(); err != nil {
		return 0, err
	}
	if o.Keep != nil {
		return receiveKept(ctx, dst, c, o)
	}
	if o.Params.Identity() {
		return receivePlain(ctx, dst, c, o)
	}
	r, err := NewReader(ctx, c, o)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if p, ok := r.top.(*pageReceiver); ok {
		if at := placer(dst); at != nil {
			return r.receivePages(p, at)
		}
	}
	return drain(dst, r.Read)
}

// pump reads src to its end and hands it to write.
func pump(write func([]byte) (int, error), src io.Reader) (total int64, err error) {
	b := newBuffer()
	defer b.free()
	for {
		n, rerr := src.Read(b.all())
		if n > 0 {
			n, err = write(b.all()[:n])
			if total += int64(n); err != nil {
				return total, err
			}
		}
		if rerr == io.EOF {
			return total, nil
		}
		if rerr != nil {
			return total, &FileError{rerr}
		}
	}
}

// drain hands to dst what read returns until io.EOF.
func drain(dst io.Writer, read func([]byte) (int, error)) (total int64, err error) {
	b := newBuffer()
	defer b.free()
	for {
		n, rerr := read(b.all())
		if n > 0 {
			n, err = dst.Write(b.all()[:n])
			if total += int64(n); err != nil {
				return total, &FileError{err}
			}
		}
		if rerr == io.EOF {
			return total, nil
		}
		if rerr != nil {
			return total, rerr
		}
	}
}

// osFile returns the file of the system that v is or stands on; nil: none.
// Whoever counts or changes the bytes must not have an OSFile.
func osFile(v any) *os.File {
	switch f := v.(type) {
	case *os.File:
		return f
	case interface{ OSFile() *os.File }:
		return f.OSFile()
	}
	return nil
}
