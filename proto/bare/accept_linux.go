package bare

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Listener is a TCP listener, polled or bare. Accept is for one goroutine at a
// time, and so are Bare and AcceptNow beside it; the rest is for any.
type Listener struct {
	addr     net.Addr
	patience time.Duration
	hold     bool

	mu     sync.Mutex
	tcp    *net.TCPListener // nil: bare, or closed
	fd     int              // a second descriptor, which is nobody's but ours; -1: closed
	readBy time.Time
}

// Listen takes over a listener of package net. What it accepts holds its thread
// for patience at most, in a read while it is bare. After an error ln is still
// the caller's.
func Listen(ln net.Listener, patience time.Duration) (*Listener, error) {
	tcp, ok := ln.(*net.TCPListener)
	if !ok {
		return nil, syscall.EINVAL
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	l := &Listener{addr: tcp.Addr(), patience: patience, hold: mayHold(), tcp: tcp, fd: -1}
	var ferr error
	err = raw.Control(func(fd uintptr) { l.fd, ferr = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
	if err = errors.Join(err, os.NewSyscallError("fcntl", ferr)); err != nil {
		return nil, err
	}
	return l, nil
}

// Addr is that of net.Listener.
func (l *Listener) Addr() net.Addr { return l.addr }

// Accept is that of net.Listener; it makes the listener polled.
func (l *Listener) Accept() (net.Conn, error) {
	tcp, err := l.Polled()
	if err != nil {
		return nil, err
	}
	return tcp.Accept()
}

// AcceptNow takes who has come, bare; nil when nobody has. It doesn't wait.
func (l *Listener) AcceptNow() *Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fd < 0 {
		return nil
	}
	fd, from, err := syscall.Accept4(l.fd, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK) // that of package unix asks for the protocol, too
	if err != nil {
		return nil
	}
	return &Conn{fd: fd, wait: l.patience, hold: l.hold, peer: address(from)}
}

// Bare takes the listener from Go's poller, until Accept.
func (l *Listener) Bare() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tcp != nil && l.fd >= 0 {
		l.tcp.Close()
		l.tcp = nil
	}
}

// Polled gives the listener to Go's poller.
func (l *Listener) Polled() (*net.TCPListener, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.fd < 0:
		return nil, net.ErrClosed
	case l.tcp != nil:
		return l.tcp, nil
	}
	second, err := unix.FcntlInt(uintptr(l.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	f := os.NewFile(uintptr(second), "listener")
	defer f.Close()
	ln, err := net.FileListener(f)
	if err != nil {
		return nil, err
	}
	tcp, ok := ln.(*net.TCPListener)
	if !ok {
		ln.Close()
		return nil, syscall.EINVAL
	}
	_ = tcp.SetDeadline(l.readBy)
	l.tcp = tcp
	return tcp, nil
}

// SetDeadline is that of *net.TCPListener.
func (l *Listener) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.readBy = t; l.tcp == nil {
		return nil
	}
	return l.tcp.SetDeadline(t)
}

// Close ends all listening, and an Accept.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fd < 0 {
		return net.ErrClosed
	}
	unix.Close(l.fd)
	l.fd = -1
	if l.tcp == nil {
		return nil
	}
	return l.tcp.Close()
}

// SyscallConn is that of *net.TCPListener; only Control is of use.
func (l *Listener) SyscallConn() (syscall.RawConn, error) { return listening{l}, nil }

type listening struct{ *Listener }

func (l listening) Control(f func(fd uintptr)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fd < 0 {
		return net.ErrClosed
	}
	f(uintptr(l.fd))
	return nil
}

func (l listening) Read(func(fd uintptr) bool) error  { return syscall.EINVAL }
func (l listening) Write(func(fd uintptr) bool) error { return syscall.EINVAL }

func address(from syscall.Sockaddr) net.Addr {
	switch a := from.(type) {
	case *syscall.SockaddrInet4:
		return &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
	case *syscall.SockaddrInet6:
		addr := &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
		if a.ZoneId != 0 {
			if zone, err := net.InterfaceByIndex(int(a.ZoneId)); err == nil {
				addr.Zone = zone.Name
			}
		}
		return addr
	}
	return &net.TCPAddr{}
}
