//go:build linux

package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// patience bounds each wait of the generator.
const patience = 60 * time.Second

// control is the generator's end of a control connection. It does as little as
// it can, so that the servers are the bottleneck.
type control struct {
	conn    io.ReadWriteCloser
	below   *socket // under TLS
	in      *bufio.Reader
	host    netip.Addr
	seal    *tls.Config // of the data connections; nil in clear
	scratch []byte      // nil until data come
}

// security is how a session is protected; 0 is in clear.
type security uint16

// dial opens a session and logs in.
func dial(s target, v security) (*control, error) {
	at, err := netip.ParseAddrPort(s.address)
	if err != nil {
		return nil, err
	}
	conn, err := connect(at)
	if err != nil {
		return nil, err
	}
	c := &control{conn: conn, below: conn, in: bufio.NewReaderSize(conn, 1024), host: at.Addr()}
	if err := c.login(s, v); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *control) login(s target, v security) error {
	if _, err := c.reply(220); err != nil {
		return err
	}
	if v != 0 {
		if err := c.secure(v); err != nil {
			return err
		}
	}
	code, err := c.any("USER " + s.user)
	if err == nil && code == 331 {
		code, err = c.any("PASS " + s.password)
	}
	if err == nil && code != 230 {
		err = fmt.Errorf("login: %d", code)
	}
	if err != nil {
		return err
	}
	_, err = c.do(200, "TYPE I")
	return err
}

// secure begins TLS, with one cache of sessions for control and data.
func (c *control) secure(v security) error {
	if _, err := c.do(234, "AUTH TLS"); err != nil {
		return err
	}
	c.seal = &tls.Config{
		InsecureSkipVerify: true, // the server was started a moment ago, on loopback, by this program
		MinVersion:         uint16(v), MaxVersion: uint16(v),
		ServerName: "bench", ClientSessionCache: tls.NewLRUClientSessionCache(4),
	}
	sealed := tls.Client(c.below, c.seal)
	c.conn, c.in = sealed, bufio.NewReaderSize(sealed, 1024)
	for _, line := range []string{"PBSZ 0", "PROT P"} {
		if _, err := c.do(200, line); err != nil {
			return err
		}
	}
	return nil
}

func (c *control) close() { c.conn.Close() }

func (c *control) send(line string) error {
	_, err := c.conn.Write([]byte(line + "\r\n"))
	return err
}

// do sends a command and wants one code.
func (c *control) do(want int, line string) (string, error) {
	if err := c.send(line); err != nil {
		return "", err
	}
	return c.reply(want)
}

func (c *control) any(line string) (int, error) {
	if err := c.send(line); err != nil {
		return 0, err
	}
	code, _, err := c.read()
	return code, err
}

// opened reads the mark of a transfer that begins: 150, or 125 where the data
// connection stands already.
func (c *control) opened(command string) error {
	code, err := c.any(command)
	if err == nil && code != 150 && code != 125 {
		err = fmt.Errorf("%s: %d", command, code)
	}
	return err
}

func (c *control) reply(want int) (string, error) {
	code, text, err := c.read()
	if err == nil && code != want {
		err = fmt.Errorf("%d wanted, not %q", want, text)
	}
	return text, err
}

// read returns the next reply's code and last line. RFC 959 §4.2.
func (c *control) read() (int, string, error) {
	for {
		raw, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, "", err
		}
		line := strings.TrimRight(string(raw), "\r\n")
		if len(line) < 4 || line[3] != ' ' {
			continue
		}
		if code, err := strconv.Atoi(line[:3]); err == nil {
			c.below.acknowledge()
			return code, line, nil
		}
	}
}

// port is the number in a 229 reply. RFC 2428 §3.
func port(reply string) (int, error) {
	_, after, _ := strings.Cut(reply, "(|||")
	digits, _, ok := strings.Cut(after, "|)")
	if !ok {
		return 0, fmt.Errorf("no port in %q", reply)
	}
	return strconv.Atoi(digits)
}
