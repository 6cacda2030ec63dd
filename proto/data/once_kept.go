package data

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"syscall"
)

// Small files of a connection that carries many (Keep), without waiting.

// SendKeptAtOnce sends what is left of src, a small file, as Send does with
// o.Keep, but only as much as the kernel has room for now: rest is what is still
// to be sent, by SendRest. n is the number of file bytes in both. Errors: as
// Send's; after one of the connection it is out of step.
func SendKeptAtOnce(c *Conn, src io.Reader, o Options) (n int64, rest []byte, err error) {
	raw, ok := rawConn(c)
	if !ok {
		return 0, nil, net.ErrClosed
	}
	var all bytes.Buffer
	o.MarkEvery = 0
	w, err := newWriter(&all, o)
	if err != nil {
		return 0, nil, err
	}
	n, err = w.keep(src)
	if err != nil && !o.Keep.InStep {
		return n, nil, err
	}
	c.route = routeLayers
	sent, werr := writeNow(raw, all.Bytes())
	if rest = all.Bytes()[sent:]; werr != nil || len(rest) > 0 {
		o.Keep.InStep = false
	}
	if err == nil {
		err = werr
	}
	return n, rest, err
}

// SendRest sends what SendKeptAtOnce has left.
func SendRest(ctx context.Context, c *Conn, rest []byte, o Options) error {
	w := newWire(ctx, c, o)
	defer w.release()
	_, err := w.Write(rest)
	o.Keep.InStep = err == nil
	return err
}

// AtOnce reports whether SendKeptAtOnce and Arrived can tell anything here.
func (c *Conn) AtOnce() bool {
	_, ok := rawConn(c)
	return ok
}

// Arrived reports whether a whole file of MODE B is there, of no more than most
// bytes: Receive then doesn't wait for the peer. It reads what has come.
func (c *Conn) Arrived(most int) bool {
	if c.ahead != nil && wholeFile(c.ahead.rest(), most) {
		return true
	}
	raw, ok := rawConn(c)
	if !ok {
		return false
	}
	if c.ahead == nil {
		c.ahead = newBuffer()
	}
	b := c.ahead
	b.data, b.pos = b.data[:copy(b.data, b.rest())], 0
	b.data = b.data[:len(b.data)+readNow(raw, b.data[len(b.data):cap(b.data)])]
	defer c.tidy()
	return wholeFile(b.rest(), most)
}

// wholeFile reports whether p begins with all blocks of a file.
func wholeFile(p []byte, most int) bool {
	for total := 0; len(p) >= blockHeader; {
		size := int(binary.BigEndian.Uint16(p[1:]))
		if total += size; total > most || len(p) < blockHeader+size {
			return false
		}
		if p[0]&descFile != 0 {
			return true
		}
		p = p[blockHeader+size:]
	}
	return false
}

func rawConn(c *Conn) (syscall.RawConn, bool) {
	tcp, ok := c.nc.(*net.TCPConn)
	if !ok {
		return nil, false
	}
	raw, err := tcp.SyscallConn()
	return raw, err == nil
}
