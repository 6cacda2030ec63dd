//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// The floor of one large file: up, the kernel is asked to send it until it has;
// down, to write it, and it is kept, since that is most of what it costs.

const (
	floorPipe = 1 << 20 // bytes between connection and file
	floorSend = 1 << 30 // bytes of one sendfile(2)
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

// keep writes what comes to the file f, by way of a pipe, which the kernel fills
// and empties.
func keep(f, fd int) error {
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		return err
	}
	defer hangUp(pipe[0])
	defer hangUp(pipe[1])
	_, _ = unix.FcntlInt(uintptr(pipe[1]), unix.F_SETPIPE_SZ, floorPipe) // else it is smaller
	for {
		n, err := splice(fd, pipe[1], floorPipe)
		if n == 0 || err != nil {
			return err
		}
		for n > 0 {
			kept, err := splice(pipe[0], f, n)
			if err != nil {
				return err
			}
			n -= kept
		}
	}
}

func splice(from, to int, most int64) (int64, error) {
	for {
		some, err := unix.Splice(from, nil, to, nil, int(most), unix.SPLICE_F_MOVE)
		if !errors.Is(err, unix.EINTR) {
			return int64(some), err // it is an int where that has 32 bits
		}
	}
}
