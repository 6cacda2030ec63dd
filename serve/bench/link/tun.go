//go:build linux

package link

import (
	"fmt"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// device is the name of the link's end in each namespace.
const device = "link0"

// openTUN makes a TUN device in a namespace and gives it an address.
func openTUN(namespace, address string) (f *os.File, err error) {
	err = Within(namespace, func() error {
		f, err = tunHere(address)
		return err
	})
	return f, err
}

func tunHere(address string) (*os.File, error) {
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
