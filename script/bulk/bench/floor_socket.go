//go:build linux

package main

import (
	"errors"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// The floor waits in the system itself: package net would have its poller wake a
// thread for every file.

func dial(host net.IP, port int) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte(host)}); err != nil {
		hangUp(fd)
		return -1, err
	}
	return fd, nil
}

func hangUp(fd int) { _ = unix.Close(fd) }

// descriptor reads from one.
type descriptor int

func (d descriptor) Read(p []byte) (int, error) {
	for {
		n, err := unix.Read(int(d), p)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

func put(fd int, p []byte) error {
	for len(p) > 0 {
		n, err := unix.Write(fd, p)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		p = p[max(n, 0):]
	}
	return nil
}

// drain reads to the end and keeps nothing.
func (c *caller) drain(fd int) error {
	for {
		_, err := descriptor(fd).Read(c.buf)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// send sends a file.
func (c *caller) send(fd int, name string) error {
	f, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: name, Err: err}
	}
	defer hangUp(f)
	for {
		n, err := descriptor(f).Read(c.buf)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := put(fd, c.buf[:n]); err != nil {
			return err
		}
	}
}
