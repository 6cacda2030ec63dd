package serve

import "golang.org/x/sys/unix"

const canKnock = true

// knocked reports whether accept would return a connection at once. What has
// come stays in a Linux listener's queue until it is accepted, so with porter.turn
// held an accept behind it doesn't wait.
func (d *porter) knocked() (some bool) {
	_ = d.raw.Control(func(fd uintptr) {
		set := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(set, 0)
		some = err == nil && n == 1 && set[0].Revents == unix.POLLIN
	})
	return some
}
