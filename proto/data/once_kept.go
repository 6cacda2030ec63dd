package data

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"slices"
	"syscall"
)

// Small files of a connection that carries many (Keep), without waiting.

// Pack makes a small file ready to be sent, behind those that are already: size
// bytes of src, or as many as there are, as Send makes them with a Keep. It returns
// how many. After an error, a *FileError, what is packed is a file that no receiver
// takes for whole.
func (c *Conn) Pack(src io.Reader, size int64, k *Keep) (int64, error) {
	if size > maxBlock {
		return 0, &FileError{ErrTooLarge}
	}
	if c.packed == nil {
		c.packed = newBuffer()
	}
	c.route = routeLayers
	b := c.packed.data
	at := len(b) + blockHeader
	file := slices.Grow(b, blockHeader+int(size))[at : at+int(size)]
	n, err := io.ReadFull(src, file)
	k.InStep = true
	switch err {
	case nil, io.EOF, io.ErrUnexpectedEOF:
		c.packed.data = appendKept(b, file[:n], k.Facts)
		return int64(n), nil
	}
	c.packed.data = append(b, descFile|descSuspect, 0, 1, '?')
	return int64(n), &FileError{err}
}

// appendKept appends a file of one block, which may lie there already.
func appendKept(b, file []byte, facts string) []byte {
	sum := sha256.Sum256(file)
	if len(file) > 0 {
		b = append(binary.BigEndian.AppendUint16(append(b, 0), uint16(len(file))), file...)
	}
	b = append(b, descMarker, 0, byte(len(sumFact)+2*len(sum)+1+len(facts)))
	b = append(append(hex.AppendEncode(append(b, sumFact...), sum[:]), ';'), facts...)
	return append(b, descFile, 0, 0)
}

// Packed is how many bytes wait to be sent. Who has packed PackMost should.
func (c *Conn) Packed() int {
	if c.packed == nil {
		return 0
	}
	return len(c.packed.rest())
}

// SendPackedNow sends as much of them as the kernel has room for now; the rest is
// for SendPacked. After an error the connection is out of step.
func (c *Conn) SendPackedNow() error {
	raw, ok := rawConn(c)
	if !ok || c.Packed() == 0 {
		return nil
	}
	n, err := writeNow(raw, c.packed.rest())
	if c.packed.pos += int(n); c.Packed() == 0 {
		c.unpack()
	}
	return err
}

// SendPacked sends all of them. Errors: those of the connection, as Send's.
func (c *Conn) SendPacked(ctx context.Context, o Options) error {
	if c.Packed() == 0 {
		return nil
	}
	defer c.unpack()
	w := newWire(ctx, c, o)
	defer w.release()
	_, err := w.Write(c.packed.rest())
	return err
}

func (c *Conn) unpack() {
	if c.packed != nil {
		c.packed.free()
		c.packed = nil
	}
}

// AtOnce reports whether SendPackedNow and Arrived can do anything here.
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
