package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
)

// listen opens what --listen and --implicit name; by default port 21, and 2121
// where the system does not let it. Sockets that were handed over stand for
// all of them.
func (d Daemon) listen(ctx context.Context) ([]net.Listener, error) {
	if len(d.Handed.Sockets) > 0 {
		return d.Handed.listeners(), nil
	}
	if len(d.Listen)+len(d.TLS.Implicit) == 0 {
		ln, err := d.listenElse(ctx, ":21", ":2121")
		return []net.Listener{ln}, err
	}
	var all []net.Listener
	for _, at := range d.Listen {
		ln, err := Listen(ctx, listenAddress(at, "21"))
		if err != nil {
			closeAll(all)
			return nil, listenError("--listen "+at, err)
		}
		all = append(all, ln)
	}
	for _, at := range d.TLS.Implicit {
		ln, err := Listen(ctx, listenAddress(at, "990"))
		if err != nil {
			closeAll(all)
			return nil, listenError("--implicit "+at, err)
		}
		all = append(all, implicitListener{ln})
	}
	return all, nil
}

// listenElse listens on the first address, or says why it does not and takes
// the second.
func (d Daemon) listenElse(ctx context.Context, first, second string) (net.Listener, error) {
	ln, why := Listen(ctx, first)
	if why == nil {
		return ln, nil
	}
	ln, err := Listen(ctx, second)
	if err != nil {
		return nil, listenError(first+": "+errno(why).Error()+"; "+second, err)
	}
	fmt.Fprintf(d.Err, "ferry: %s: %v; listening on %s instead\n", first, errno(why), ln.Addr())
	return ln, nil
}

func listenError(at string, err error) error {
	next := "--listen ADDR names another address or port"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		next = "another program listens there; " + next
	case errors.Is(err, syscall.EACCES):
		next = "ports below 1024 need root; " + next
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		next = "this machine does not have that address; " + next
	}
	return &StartError{fmt.Errorf("serve: %s: %w", at, errno(err)), next}
}

// errno is the part of a socket error that says why.
func errno(err error) error {
	var e syscall.Errno
	if errors.As(err, &e) {
		return e
	}
	return err
}

// listenAddress completes "2121", "10.0.0.1" and "[::1]".
func listenAddress(s, port string) string {
	switch _, _, err := net.SplitHostPort(s); {
	case err == nil:
		return s
	case strings.Trim(s, "0123456789") == "":
		return ":" + s
	}
	return net.JoinHostPort(strings.Trim(s, "[]"), port)
}

func closeAll(listeners []net.Listener) {
	for _, ln := range listeners {
		ln.Close()
	}
}
