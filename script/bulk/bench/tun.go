//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// device is the name of the link's end in each namespace.
const device = "link0"

// openTUN makes a TUN device in a namespace and gives it an address.
func openTUN(namespace, address string) (*os.File, error) {
	type result struct {
		file *os.File
		err  error
	}
	done := make(chan result)
	go func() {
		// Never unlocked: the thread, which is in the wrong namespace for all
		// others, ends with the goroutine.
		runtime.LockOSThread()
		f, err := tunHere(namespace, address)
		done <- result{f, err}
	}()
	r := <-done
	return r.file, r.err
}

func tunHere(namespace, address string) (*os.File, error) {
	ns, err := os.Open(filepath.Join("/run/netns", namespace))
	if err != nil {
		return nil, err
	}
	defer ns.Close()
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
		return nil, fmt.Errorf("enter namespace %s: %w", namespace, err)
	}
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq(device)
	if err != nil {
		return nil, err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("make device %s: %w", device, err)
	}
	for _, args := range [][]string{
		{"addr", "add", address + "/24", "dev", device},
		{"link", "set", device, "txqueuelen", "10000", "up"},
		{"link", "set", "lo", "up"},
	} { // a child starts in its parent's namespace
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			unix.Close(fd)
			return nil, fmt.Errorf("ip %v: %w: %s", args, err, out)
		}
	}
	return os.NewFile(uintptr(fd), device), nil
}

// sleepUntil is exact to some 50 µs, where time.Sleep can be off by a millisecond.
func sleepUntil(t time.Time) {
	for {
		left := time.Until(t)
		if left <= 0 {
			return
		}
		ts := unix.NsecToTimespec(int64(left))
		_ = unix.Nanosleep(&ts, nil)
	}
}
