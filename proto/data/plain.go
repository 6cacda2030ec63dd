package data

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"
)

// Bytes that travel as they are: MODE S, STRU F, TYPE I or L 8. There are no
// layers, and where both ends are the kernel's, it moves the bytes.

func sendPlain(ctx context.Context, c *Conn, src io.Reader, o Options) (int64, error) {
	w := newWire(ctx, c, o)
	defer w.release()
	if to := kernelSink(c.nc); to != nil && !w.whole {
		if f, limit := kernelSource(src); f != nil {
			if start, err := f.Seek(0, io.SeekCurrent); err == nil {
				c.route = routeKernel
				return w.sendFile(to, f, start, limit)
			}
		}
	}
	c.route = routeCopy
	w.plain = true
	return pump(w.Write, src)
}

func receivePlain(ctx context.Context, dst io.Writer, c *Conn, o Options) (int64, error) {
	w := newWire(ctx, c, o)
	defer w.release()
	if from := kernelOrigin(c.nc); from != nil && c.ahead == nil && runtime.GOOS == "linux" {
		if f := osFile(dst); f != nil {
			c.route = routeKernel
			return w.receiveFile(f, from, o.Max)
		}
	}
	c.route = routeCopy
	r := &Reader{w: w, o: o, at: o.Offset, mode: &streamReader{in: input{w}}}
	r.top = &fileReceiver{mode: r.mode}
	return drain(dst, r.Read)
}

// kernelMove has the kernel move bytes between a file and a connection.
type kernelMove func(f *os.File, most int64) (int64, error)

// kernelSink is how the kernel is told to send bytes of a file over a connection,
// nil if it can't.
func kernelSink(nc net.Conn) kernelMove {
	switch c := nc.(type) {
	case *net.TCPConn:
		return func(f *os.File, most int64) (int64, error) { return c.ReadFrom(&io.LimitedReader{R: f, N: most}) }
	case interface {
		SendFile(f *os.File, most int64) (int64, error)
	}:
		return c.SendFile
	}
	return nil
}

// kernelOrigin is how it is told to write what comes to a file.
func kernelOrigin(nc net.Conn) kernelMove {
	switch c := nc.(type) {
	case *net.TCPConn:
		return func(f *os.File, most int64) (int64, error) { return f.ReadFrom(&io.LimitedReader{R: c, N: most}) }
	case interface {
		ReceiveFile(f *os.File, most int64) (int64, error)
	}:
		return c.ReceiveFile
	}
	return nil
}

// kernelSource returns the file that the kernel can read, and the reader whose
// limit holds for it, nil if none does.
func kernelSource(src io.Reader) (*os.File, *io.LimitedReader) {
	if l, ok := src.(*io.LimitedReader); ok {
		return osFile(l.R), l
	}
	return osFile(src), nil
}

// sendFile sends f, which stands at start.
func (w *wire) sendFile(to kernelMove, f *os.File, start int64, limit *io.LimitedReader) (int64, error) {
	most := int64(-1)
	if limit != nil {
		most = max(limit.N, 0)
	}
	at, late := start, false
	n, err := w.kernelCopy(w.c.nc.SetWriteDeadline, most, sendChunk, func(chunk int64) (int64, error) {
		if late { // see below
			if _, err := f.Seek(at, io.SeekStart); err != nil {
				return 0, err
			}
		}
		n, err := to(f, chunk)
		// When the deadline has passed before the kernel is asked, package net
		// reads from the file itself, can't write, and drops what it has read.
		at, late = at+n, err != nil
		return n, err
	})
	if limit != nil {
		limit.N -= n
	}
	if fromFile(err) {
		err = &FileError{err}
	}
	return n, err
}

// receiveFile receives no more than most bytes, if most is not 0.
func (w *wire) receiveFile(f *os.File, from kernelMove, most int64) (int64, error) {
	if most <= 0 {
		most = -1
	}
	n, err := w.kernelCopy(w.c.nc.SetReadDeadline, most, receiveChunk, func(chunk int64) (int64, error) {
		return from(f, chunk)
	})
	switch {
	case err != nil && !w.ended() && !fromNetwork(err):
		return n, &FileError{err}
	case err != nil || n != most:
		return n, err
	}
	switch _, err := w.Read(make([]byte, 1)); err {
	case nil:
		return n, ErrTooLarge
	case io.EOF:
		return n, nil
	default:
		return n, err
	}
}

// kernelCopy has the kernel move bytes (sendfile, splice), no more than atOnce at
// a time, to the end of what it reads or to most, if that is not negative.
func (w *wire) kernelCopy(set func(time.Time) error, most, atOnce int64, request func(chunk int64) (int64, error)) (total int64, err error) {
	w.last = time.Now()
	for total != most {
		chunk := atOnce
		if most >= 0 {
			chunk = min(chunk, most-total)
		}
		if w.share > 0 {
			chunk = min(chunk, w.share)
		}
		end := false
		n, err := w.try(set, w.patience(), func() (int64, error) {
			n, err := request(chunk)
			end = err == nil && n < chunk
			return n, err
		})
		total += n
		w.count(n)
		w.pay(n)
		if err != nil || end {
			return total, err
		}
	}
	return total, nil
}

// fromFile reports whether an error of the kernel, sending a file, is the
// file's and not the connection's.
func fromFile(err error) bool {
	var pe *fs.PathError
	return errors.As(err, &pe) || errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EISDIR)
}

// fromNetwork reports whether an error of the kernel, receiving into a file,
// is the connection's and not the file's.
func fromNetwork(err error) bool {
	for _, is := range []error{
		ErrStalled, net.ErrClosed,
		syscall.ECONNRESET, syscall.ECONNABORTED, syscall.ETIMEDOUT,
		syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTUNREACH,
	} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}
