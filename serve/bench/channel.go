//go:build linux

package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// channel opens a data connection, in the clear still.
func (c *control) channel() (*net.TCPConn, error) {
	text, err := c.do(229, "EPSV")
	if err != nil {
		return nil, err
	}
	n, err := port(text)
	if err != nil {
		return nil, err
	}
	conn, err := net.DialTimeout("tcp4", net.JoinHostPort(c.host, strconv.Itoa(n)), patience)
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), conn.SetDeadline(time.Now().Add(patience))
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
	if c.seal != nil {
		if n, err = begin(data, c.seal); err != nil {
			return 0, first, fmt.Errorf("data connection: %w", err)
		}
		first = time.Now()
	}
	rest, at, err := discard(data)
	if first.IsZero() {
		first = at
	}
	if err != nil {
		return n, first, err
	}
	data.Close() // some servers wait for it before they answer
	_, err = c.reply(226)
	return n + rest, first, err
}

// begin does a data connection's handshake and the first read, for crypto/tls
// keeps the server's ticket when it reads. It returns the bytes that came. The
// farewell goes out at once: some servers wait for it after the last byte,
// which will not be understood here.
func begin(data *net.TCPConn, cfg *tls.Config) (int64, error) {
	below := &counted{Conn: data}
	sealed := tls.Client(below, cfg)
	if err := sealed.Handshake(); err != nil {
		return 0, err
	}
	if _, err := sealed.Read(make([]byte, 32<<10)); err != nil && err != io.EOF {
		return 0, err
	}
	return below.n, sealed.CloseWrite()
}

// counted counts what is read.
type counted struct {
	net.Conn
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n += int64(n)
	return n, err
}

// discard reads to the end without a copy of the data. RFC 959 has the end of
// the connection as the end of the file.
func discard(conn *net.TCPConn) (n int64, first time.Time, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, first, err
	}
	buf := make([]byte, 1<<20) // never written to
	for {
		var k int
		var failed error
		err = raw.Read(func(fd uintptr) bool {
			k, _, failed = unix.Recvfrom(int(fd), buf, unix.MSG_TRUNC|unix.MSG_DONTWAIT)
			return !errors.Is(failed, unix.EAGAIN)
		})
		if err = errors.Join(err, failed); err != nil || k == 0 {
			return n, first, err
		}
		if n == 0 {
			first = time.Now()
		}
		acknowledge(conn)
		n += int64(k)
	}
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
	if c.seal == nil {
		if _, err := io.Copy(data, src); err != nil { // sendfile, when src is a file
			return err
		}
		if err := data.CloseWrite(); err != nil {
			return err
		}
	} else if err := putSealed(data, c.seal, src); err != nil {
		return err
	}
	data.Close()
	_, err = c.reply(226)
	return err
}

func putSealed(data *net.TCPConn, cfg *tls.Config, src io.Reader) error {
	sealed := tls.Client(data, cfg)
	if err := sealed.Handshake(); err != nil {
		return fmt.Errorf("data connection: %w", err)
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{sealed}, src, make([]byte, 256<<10)); err != nil {
		return err
	}
	return sealed.CloseWrite()
}

// fetch reads a file's bytes, decrypted, so that they can be compared.
func (c *control) fetch(name string, to io.Writer) error {
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
	if _, err := io.Copy(to, from); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	data.Close()
	_, err = c.reply(226)
	return err
}
