//go:build darwin || freebsd

package main

import "golang.org/x/sys/unix"

func termios(fd int) (*unix.Termios, error) { return unix.IoctlGetTermios(fd, unix.TIOCGETA) }
