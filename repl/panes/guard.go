package panes

import (
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"sync"
	"time"
)

// guard is a second process that mends the terminal when this one can't: it
// was killed, or panicked in a goroutine that is not ours. It reads a pipe,
// and the end of this process is the end of the pipe.
type guard struct {
	pipe *os.File // nil: there is none
	once sync.Once
}

// What the guard is told. All else that it reads is the trace of a panic.
const (
	engaged   = '\x01' // the terminal is ours
	suspended = '\x02' // it is another program's for a while
	released  = '\x03' // it is as it was
)

// startGuard starts the guard and waits until it has seen the terminal as it
// is. Without one the panes are the same.
func startGuard(command []string) *guard {
	if len(command) == 0 {
		return &guard{}
	}
	in, out, err := os.Pipe()
	if err != nil {
		return &guard{}
	}
	defer in.Close()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin = in
	ready, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		out.Close()
		return &guard{}
	}
	seen := make(chan error, 1)
	go func() {
		_, err := io.ReadFull(ready, make([]byte, 1))
		seen <- err
		_ = cmd.Wait()
	}()
	select {
	case err = <-seen:
	case <-time.After(guardWait):
		err = os.ErrDeadlineExceeded
	}
	if err != nil {
		out.Close()
		return &guard{}
	}
	_ = debug.SetCrashOutput(out, debug.CrashOptions{})
	return &guard{pipe: out}
}

func (g *guard) tell(what byte) {
	if g.pipe != nil {
		_, _ = g.pipe.Write([]byte{what})
	}
}

// end lets the guard go.
func (g *guard) end() {
	if g.pipe == nil {
		return
	}
	g.once.Do(func() {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		g.tell(released)
		_ = g.pipe.Close()
	})
}
