//go:build linux

package link

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// What the two ends are called by.
const (
	ClientAddress = "10.77.0.1"
	ServerAddress = "10.77.0.2"
)

// World is two namespaces with a line between them.
type World struct {
	Client, Server string // namespaces

	ends []*os.File
}

// New makes a world; Close takes it away.
func New(c Conditions) (*World, error) {
	w := &World{Client: fmt.Sprintf("ferry-c%d", os.Getpid()), Server: fmt.Sprintf("ferry-s%d", os.Getpid())}
	for _, step := range []func() error{
		func() error { return ip("netns", "add", w.Client) },
		func() error { return ip("netns", "add", w.Server) },
		func() error { return w.join(c) },
	} {
		if err := step(); err != nil {
			w.Close()
			return nil, err
		}
	}
	return w, nil
}

func (w *World) join(c Conditions) error {
	a, err := openTUN(w.Client, ClientAddress)
	if err != nil {
		return err
	}
	b, err := openTUN(w.Server, ServerAddress)
	if err != nil {
		a.Close()
		return err
	}
	w.ends = []*os.File{a, b}
	go carry(a, b, c, 1)
	go carry(b, a, c, 2)
	return nil
}

// Close takes everything away again.
func (w *World) Close() {
	for _, f := range w.ends {
		f.Close()
	}
	_ = ip("netns", "del", w.Client)
	_ = ip("netns", "del", w.Server)
}

// Wrap makes a command start in a namespace.
func Wrap(namespace string, args []string) []string {
	return append([]string{"ip", "netns", "exec", namespace}, args...)
}

// Within does something in a namespace; the sockets that f makes itself belong
// to it.
func Within(namespace string, f func() error) error {
	done := make(chan error)
	go func() {
		// Never unlocked: the thread, which is in the wrong namespace for all
		// others, ends with the goroutine.
		runtime.LockOSThread()
		err := enter(namespace)
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

func enter(namespace string) error {
	ns, err := os.Open(filepath.Join("/run/netns", namespace))
	if err != nil {
		return err
	}
	defer ns.Close()
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter namespace %s: %w", namespace, err)
	}
	return nil
}

func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %v: %w: %s", args, err, out)
	}
	return nil
}
