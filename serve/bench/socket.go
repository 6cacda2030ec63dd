//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// socket is a TCP connection that blocks its thread, past Go's poller: between
// two servers' answers a poller costs more than what is measured. Its clock is
// the kernel's; the deadlines of net.Conn are not kept.
type socket struct{ fd int }

func connect(at netip.AddrPort) (*socket, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	wait := unix.NsecToTimeval(int64(patience))
	err = errors.Join(
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &wait),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		again(func() error {
			return unix.Connect(fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()})
		}),
	)
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("connect to %s: %w", at, err)
	}
	return &socket{fd}, nil
}

// again repeats what a signal has ended.
func again(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func (s *socket) Read(p []byte) (n int, err error) {
	err = again(func() error { n, err = unix.Read(s.fd, p); return err })
	switch {
	case err != nil:
		return 0, err
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, nil
}

// skim reads without a copy: the data are thrown away.
func (s *socket) skim(p []byte) (n int, err error) {
	err = again(func() error { n, _, err = unix.Recvfrom(s.fd, p, unix.MSG_TRUNC); return err })
	if err == nil && n == 0 {
		return 0, io.EOF
	}
	return n, err
}

func (s *socket) Write(p []byte) (done int, err error) {
	for done < len(p) && err == nil {
		var n int
		err = again(func() error { n, err = unix.Write(s.fd, p[done:]); return err })
		done += max(n, 0)
	}
	return done, err
}

// sendFile has the kernel send a file to its end.
func (s *socket) sendFile(from int) error {
	for {
		var n int
		err := again(func() (err error) { n, err = unix.Sendfile(s.fd, from, nil, 1<<30); return err })
		if err != nil || n == 0 {
			return err
		}
	}
}

// acknowledge lets the kernel answer now what has come. Servers that leave Nagle's
// algorithm on wait for it between two replies, some 40 ms each time, and that
// would be all that is measured.
func (s *socket) acknowledge() {
	_ = unix.SetsockoptInt(s.fd, unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1)
}

// CloseWrite says that nothing else comes.
func (s *socket) CloseWrite() error { return unix.Shutdown(s.fd, unix.SHUT_WR) }

func (s *socket) Close() error {
	if s.fd < 0 {
		return net.ErrClosed
	}
	fd := s.fd
	s.fd = -1
	return unix.Close(fd)
}

func (s *socket) LocalAddr() net.Addr              { return nil }
func (s *socket) RemoteAddr() net.Addr             { return nil }
func (s *socket) SetDeadline(time.Time) error      { return nil }
func (s *socket) SetReadDeadline(time.Time) error  { return nil }
func (s *socket) SetWriteDeadline(time.Time) error { return nil }
