package parent

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/coreos/go-systemd/v22/activation"
)

// Socket is a listening socket that one process hands to another, and the name
// by which the other knows what it is for.
type Socket struct {
	Name string
	net.Listener
	File *os.File // what a parent hands over in place of a socket; nil: nothing
}

// mark is the variable by which a child knows that it has a parent.
const mark = "FERRY_CHILD"

// channelName is the name of the channel among the sockets.
const channelName = "ferry-parent"

// Adopt takes what this process was started with: the sockets, and the parent
// if it has one (else nil). The environment forgets both, so that programs
// which are run don't take them for their own. It is called once, early.
//
// SECURITY: LISTEN_PID says whom systemd means. A parent can't know its
// child's number before it is started; its mark stands for that.
func Adopt() ([]Socket, *Worker, error) {
	child := os.Getenv(mark) != ""
	_ = os.Unsetenv(mark)
	if child {
		_ = os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	}
	var sockets []Socket
	var worker *Worker
	var err error
	for _, f := range activation.Files(true) {
		if child && f.Name() == channelName && worker == nil {
			worker, err = newWorker(f)
		} else if ln, lerr := net.FileListener(f); lerr == nil {
			sockets = append(sockets, Socket{Name: f.Name(), Listener: ln})
		} else if child { // its parent knows what it gives
			sockets = append(sockets, Socket{Name: f.Name(), File: f})
			continue
		} else if err == nil {
			err = fmt.Errorf("socket %s that was handed over: %w", f.Name(), lerr)
		}
		f.Close()
	}
	if err == nil && child && worker == nil {
		err = fmt.Errorf("%s is set, but there is no parent", mark)
	}
	return sockets, worker, err
}

// own are the variables that concern one process and none that it starts.
func own(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	switch name {
	case mark, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "FERRY_PASSWORD":
		return true
	}
	return false
}
