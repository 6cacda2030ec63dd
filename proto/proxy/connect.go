package proxy

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// maxHead is how long the answer of a proxy may be, in bytes: a page of
// headers, and no more is read of one that never ends them.
const maxHead = 16 << 10

// StatusError is a proxy that refused to connect.
type StatusError struct{ Status string }

func (e *StatusError) Error() string { return "refused: " + e.Status }

// connect asks by HTTP CONNECT.
func (n *Network) connect(_ context.Context, nc net.Conn, _, address string) error {
	// SECURITY: a host name with a line end in it must not become a header.
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return errors.New("the host name has characters that no name has")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", address, address)
	if n.user != nil {
		password, _ := n.user.Password()
		both := base64.StdEncoding.EncodeToString([]byte(n.user.Username() + ":" + password))
		fmt.Fprintf(&b, "Proxy-Authorization: Basic %s\r\n", both)
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(nc, b.String()); err != nil {
		return err
	}
	head, err := readHead(nc)
	if err != nil {
		return err
	}
	return checkStatus(head)
}

// readHead reads up to the empty line, byte by byte: what follows is the
// server's, which greets at once.
func readHead(r io.Reader) (string, error) {
	var head []byte
	var one [1]byte
	for len(head) < maxHead {
		if _, err := io.ReadFull(r, one[:]); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
		if one[0] == '\r' {
			continue
		}
		head = append(head, one[0])
		if n := len(head); one[0] == '\n' && (n == 1 || head[n-2] == '\n') {
			return string(head), nil
		}
	}
	return "", errors.New("its answer has no end")
}

// checkStatus reads the status line. RFC 9110 §9.3.6: any 2xx means that the
// connection stands.
func checkStatus(head string) error {
	line, _, _ := strings.Cut(head, "\n")
	version, status, _ := strings.Cut(line, " ")
	status = strings.TrimLeft(status, " ")
	if !strings.HasPrefix(version, "HTTP/1.") || len(status) < 3 {
		return errors.New("the answer is not HTTP")
	}
	if status[0] == '2' && (len(status) == 3 || status[3] == ' ') {
		return nil
	}
	return &StatusError{Status: status}
}
