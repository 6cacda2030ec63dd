//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// The floor of one large file: up, the kernel is asked to send it until it has;
// down, it is read and written, and kept, since that is most of what it costs.

const (
	floorRead = 256 << 10 // bytes of one read
	floorSend = 1 << 30   // bytes of one sendfile(2)
)

// largeFloor is the floor for a file by itself.
func largeFloor(of way) client {
	return client{name: "floor", args: func(t task) ([]string, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		return []string{self, "-floor", string(of), t.server.Address, t.server.User, t.server.Password,
			t.remote, t.local, strconv.Itoa(1)}, nil
	}}
}

// large moves one file.
func (e errand) large() error {
	c, err := e.login()
	if err != nil {
		return err
	}
	defer hangUp(c.fd)
	verb, flags := "RETR ", unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC
	if e.way == up {
		verb, flags = "STOR ", unix.O_RDONLY
	}
	f, err := unix.Open(e.local, flags|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return &os.PathError{Op: "open", Path: e.local, Err: err}
	}
	defer hangUp(f)
	if err := put(c.fd, []byte("EPSV\r\n"+verb+e.remote+"\r\n")); err != nil {
		return err
	}
	return e.through(c, func(fd int) error {
		if e.way == up {
			return sendWhole(fd, f)
		}
		return keep(f, fd)
	})
}

// sendWhole sends the file f.
func sendWhole(fd, f int) error {
	for {
		n, err := unix.Sendfile(fd, f, nil, floorSend)
		switch {
		case err != nil && !errors.Is(err, unix.EINTR):
			return fmt.Errorf("sendfile: %w", err)
		case err == nil && n == 0:
			return nil
		}
	}
}

// keep writes what comes to the file f.
func keep(f, fd int) error {
	buf := make([]byte, floorRead)
	for {
		n, err := descriptor(fd).Read(buf)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := put(f, buf[:n]); err != nil {
			return err
		}
	}
}
