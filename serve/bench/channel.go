//go:build linux

package main

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"
)

// channel opens a data connection, in the clear still.
func (c *control) channel() (*socket, error) {
	text, err := c.do(229, "EPSV")
	if err != nil {
		return nil, err
	}
	n, err := port(text)
	if err != nil {
		return nil, err
	}
	return connect(netip.AddrPortFrom(c.host, uint16(n)))
}

// get fetches a file or a listing and throws it away. It returns the bytes on
// the wire, and when the first came.
func (c *control) get(command string) (n int64, first time.Time, err error) {
	data, err := c.channel()
	if err != nil {
		return 0, first, err
	}
	defer data.Close()
	if err := c.opened(command); err != nil {
		return 0, first, err
	}
	if c.seal == nil {
		n, first, err = c.discard(data)
	} else {
		n, first, err = c.discardSealed(data)
	}
	if err != nil {
		return n, first, fmt.Errorf("data connection: %w", err)
	}
	data.Close() // some servers wait for it before they answer
	_, err = c.reply(226)
	return n, first, err
}

// discard reads to the end without a copy of the data. RFC 959 has the end of
// the connection as the end of the file.
func (c *control) discard(data *socket) (n int64, first time.Time, err error) {
	for {
		k, err := data.skim(c.room())
		if err == io.EOF {
			return n, first, nil
		}
		if err != nil {
			return n, first, err
		}
		if n == 0 {
			first = time.Now()
		}
		data.acknowledge()
		n += int64(k)
	}
}

// room is where bytes go that nobody looks at.
func (c *control) room() []byte {
	if c.scratch == nil {
		c.scratch = make([]byte, 256<<10)
	}
	return c.scratch
}

// discardSealed does the handshake and the first read, for crypto/tls keeps the
// server's ticket when it reads. The rest is read undecrypted, until an alert:
// that is the server's farewell, and gets ours. Ours must not come earlier: a
// server that closes with it unread resets the connection.
func (c *control) discardSealed(data *socket) (n int64, first time.Time, err error) {
	below := &tapped{socket: data}
	sealed := tls.Client(below, c.seal)
	if err := sealed.Handshake(); err != nil {
		return 0, first, err
	}
	if _, err = sealed.Read(c.room()[:32<<10]); err == io.EOF {
		return below.n, time.Now(), sealed.CloseWrite()
	} else if err != nil {
		return 0, first, err
	}
	first = time.Now()
	for buf := c.room(); !below.over(); {
		if _, err := below.Read(buf); err == io.EOF {
			return below.n, first, nil
		} else if err != nil {
			return below.n, first, err
		}
		data.acknowledge()
	}
	return below.n, first, sealed.CloseWrite()
}

// tapped follows the records that pass, without their contents.
type tapped struct {
	*socket
	n    int64  // bytes read
	head []byte // of the record that is next; RFC 8446 §5.1: type, version, length
	left int    // bytes of the present record that have not come
	last int    // the present record's length
	kind byte   // and its type
}

func (t *tapped) Read(p []byte) (int, error) {
	n, err := t.socket.Read(p)
	t.n += int64(n)
	for p = p[:n]; len(p) > 0; {
		if t.left > 0 {
			k := min(t.left, len(p))
			t.left, p = t.left-k, p[k:]
			continue
		}
		k := min(5-len(t.head), len(p))
		t.head, p = append(t.head, p[:k]...), p[k:]
		if len(t.head) == 5 {
			t.kind, t.last = t.head[0], int(binary.BigEndian.Uint16(t.head[3:]))
			t.left, t.head = t.last, t.head[:0]
		}
	}
	return n, err
}

// Lengths and types of records: RFC 8446 §5.1, §5.2. Two bytes of alert, one
// of type and sixteen of tag make 19 in TLS 1.3; no file measured here ends
// with a record that small.
const (
	alert       = 21
	sealedAlert = 19
)

// over reports whether the last record was an alert, whole.
func (t *tapped) over() bool {
	return t.left == 0 && len(t.head) == 0 && (t.kind == alert || t.last == sealedAlert)
}

// put uploads from a file or from memory.
func (c *control) put(command string, src io.Reader) error {
	data, err := c.channel()
	if err != nil {
		return err
	}
	defer data.Close()
	if err := c.opened(command); err != nil {
		return err
	}
	if err := c.fill(data, src); err != nil {
		return fmt.Errorf("data connection: %w", err)
	}
	data.Close()
	_, err = c.reply(226)
	return err
}

func (c *control) fill(data *socket, src io.Reader) error {
	if c.seal != nil {
		return c.fillSealed(data, src)
	}
	if f, ok := src.(*os.File); ok {
		return errors.Join(data.sendFile(int(f.Fd())), data.CloseWrite())
	}
	all, err := io.ReadAll(src)
	if err != nil {
		return err
	}
	_, err = data.Write(all)
	return errors.Join(err, data.CloseWrite())
}

// fillSealed reads to the end when all is sent: a connection that is closed
// with a ticket unread is reset, and what was sent last may be lost with it.
func (c *control) fillSealed(data *socket, src io.Reader) error {
	below := &gathered{socket: data}
	sealed := tls.Client(below, c.seal)
	if err := sealed.Handshake(); err != nil {
		return err
	}
	below.hold = true
	if _, err := io.CopyBuffer(struct{ io.Writer }{sealed}, struct{ io.Reader }{src}, c.room()); err != nil {
		return err
	}
	if err := errors.Join(sealed.CloseWrite(), below.flush(), data.CloseWrite()); err != nil {
		return err
	}
	for {
		if _, err := data.skim(c.room()); err != nil {
			return nil // the end, or a server that resets what it has read whole; 226 decides
		}
	}
}

// gathered sends many records at once: crypto/tls makes a system call of each,
// and that would be measured with the server.
type gathered struct {
	*socket
	hold bool
	held []byte
}

func (g *gathered) Write(p []byte) (int, error) {
	if !g.hold {
		return g.socket.Write(p)
	}
	g.held = append(g.held, p...)
	if len(g.held) < gatherMost {
		return len(p), nil
	}
	return len(p), g.flush()
}

func (g *gathered) flush() error {
	_, err := g.socket.Write(g.held)
	g.held = g.held[:0]
	return err
}

// gatherMost is when records that wait are sent, bytes.
const gatherMost = 256 << 10

// fetch reads a file's bytes, decrypted, so that they can be compared.
func (c *control) fetch(name string, to *bytes.Buffer) error {
	data, err := c.channel()
	if err != nil {
		return err
	}
	defer data.Close()
	if err := c.opened("RETR " + name); err != nil {
		return err
	}
	var from io.Reader = data
	if c.seal != nil {
		from = tls.Client(data, c.seal)
	}
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	data.Close()
	_, err = c.reply(226)
	return err
}
