//go:build linux

package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ferry/serve/bench/link"
	"ferry/serve/bench/peers"
)

const (
	runLimit   = 10 * time.Minute // of one client's run
	startLimit = 10 * time.Second // of a server
)

// world is where a scenario takes place.
type world struct {
	*link.World
	dir     string // holds all files
	options peers.Options
}

// newWorld makes two namespaces with a link between them.
func newWorld(o choice, c link.Conditions) (*world, error) {
	dir, err := os.MkdirTemp(o.dir, "ferry-bench")
	if err != nil {
		return nil, err
	}
	joined, err := link.New(c)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	w := &world{World: joined, dir: dir}
	w.options = peers.Options{
		Dir: dir, Served: w.served(), Ferry: o.program, Root: os.Getenv("FERRY_PEERS"),
		Wrap: func(args []string) []string { return link.Wrap(w.Server, args) },
	}
	for _, err := range []error{
		os.Chmod(dir, 0o755), os.Mkdir(w.served(), 0o755), os.Chown(w.served(), peers.Owner, peers.Owner),
	} {
		if err != nil {
			w.close()
			return nil, err
		}
	}
	return w, nil
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
	w.Close()
	_ = os.RemoveAll(w.dir)
}

func (w *world) served() string { return filepath.Join(w.dir, "served") }

// source is what clients upload.
func (w *world) source() string { return filepath.Join(w.dir, "source") }

// within makes a command that runs in a namespace.
func within(ctx context.Context, namespace string, args ...string) *exec.Cmd {
	line := link.Wrap(namespace, args)
	return exec.CommandContext(ctx, line[0], line[1:]...)
}

// listening waits until something in the namespace takes connections.
func listening(namespace, address string) error {
	return link.Within(namespace, func() error {
		for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if c, err := net.Dial("tcp4", address); err == nil {
				return c.Close()
			}
		}
		return errors.New("nothing listens at " + address)
	})
}
