//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"ferry/serve/bench/peers"
)

const (
	clientAddress = "10.77.0.1"
	serverAddress = "10.77.0.2"
	runLimit      = 10 * time.Minute // of one client's run
	startLimit    = 10 * time.Second // of a server
)

// world is where a scenario takes place.
type world struct {
	client, server string // namespaces
	dir            string // holds all files
	options        peers.Options
	ends           []*os.File
}

// newWorld makes two namespaces with a link between them.
func newWorld(ferry string, c conditions) (*world, error) {
	dir, err := os.MkdirTemp("", "ferry-bench")
	if err != nil {
		return nil, err
	}
	w := &world{dir: dir}
	w.client, w.server = fmt.Sprintf("ferry-c%d", os.Getpid()), fmt.Sprintf("ferry-s%d", os.Getpid())
	w.options = peers.Options{
		Dir: dir, Served: w.served(), Ferry: ferry, Root: os.Getenv("FERRY_PEERS"),
		Wrap: func(args []string) []string { return append([]string{"ip", "netns", "exec", w.server}, args...) },
	}
	for _, err := range []error{
		os.Chmod(dir, 0o755), os.Mkdir(w.served(), 0o755), os.Chown(w.served(), peers.Owner, peers.Owner),
		ip("netns", "add", w.client), ip("netns", "add", w.server), w.join(c),
	} {
		if err != nil {
			w.close()
			return nil, err
		}
	}
	return w, nil
}

func (w *world) join(c conditions) error {
	a, err := openTUN(w.client, clientAddress)
	if err != nil {
		return err
	}
	b, err := openTUN(w.server, serverAddress)
	if err != nil {
		a.Close()
		return err
	}
	w.ends = []*os.File{a, b}
	go carry(a, b, c, 1)
	go carry(b, a, c, 2)
	return nil
}

// congestion is what a socket of this machine gets unless it asks for more. New
// namespaces have it too, and may not change it.
func congestion() string {
	name, err := os.ReadFile("/proc/sys/net/ipv4/tcp_congestion_control")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(name))
}

// close takes everything away again.
func (w *world) close() {
	for _, f := range w.ends {
		f.Close()
	}
	_ = ip("netns", "del", w.client)
	_ = ip("netns", "del", w.server)
	_ = os.RemoveAll(w.dir)
}

func (w *world) served() string { return filepath.Join(w.dir, "served") }

// source is what clients upload.
func (w *world) source() string { return filepath.Join(w.dir, "source") }

func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %v: %w: %s", args, err, out)
	}
	return nil
}

// within makes a command that runs in a namespace.
func within(ctx context.Context, namespace string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", namespace}, args...)...)
}

// listening waits until something in the namespace takes connections.
func listening(namespace, address string) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked, see openTUN
		done <- func() error {
			ns, err := os.Open(filepath.Join("/run/netns", namespace))
			if err != nil {
				return err
			}
			defer ns.Close()
			if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				if c, err := net.Dial("tcp4", address); err == nil {
					return c.Close()
				}
			}
			return errors.New("nothing listens at " + address)
		}()
	}()
	return <-done
}
