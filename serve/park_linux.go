package serve

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// watcher is an epoll set of sockets, each watched for one event at a time. It
// is itself a descriptor in the runtime's set, so that waiting takes a
// goroutine and no thread.
type watcher struct {
	set *os.File
	raw syscall.RawConn
}

const canWatch = true

func newWatcher() (*watcher, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // which makes os wait for it
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	w := &watcher{set: os.NewFile(uintptr(fd), "epoll")}
	if w.raw, err = w.set.SyscallConn(); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// next makes the next event of a socket known under a number; one that is
// there already counts. The kernel forgets sockets that are closed.
func (w *watcher) next(socket syscall.RawConn, id uint64) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLONESHOT, Fd: int32(id), Pad: int32(id >> 32)}
	var err error
	inSet := w.raw.Control(func(set uintptr) {
		inSocket := socket.Control(func(fd uintptr) {
			if err = unix.EpollCtl(int(set), unix.EPOLL_CTL_MOD, int(fd), &ev); errors.Is(err, unix.ENOENT) {
				err = unix.EpollCtl(int(set), unix.EPOLL_CTL_ADD, int(fd), &ev)
			}
		})
		err = errors.Join(err, inSocket)
	})
	return errors.Join(err, inSet)
}

// run tells events until the set is closed.
func (w *watcher) run(ready func(id uint64)) {
	var events [64]unix.EpollEvent
	for {
		n := 0
		err := w.raw.Read(func(set uintptr) bool {
			n, _ = unix.EpollWait(int(set), events[:], 0)
			return n > 0
		})
		if err != nil {
			return
		}
		for _, ev := range events[:n] {
			ready(uint64(uint32(ev.Fd)) | uint64(uint32(ev.Pad))<<32)
		}
	}
}

func (w *watcher) close() { w.set.Close() }
