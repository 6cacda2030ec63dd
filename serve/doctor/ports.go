package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// listening tries the ports that sessions would come to.
func listening(ctx context.Context, h Host) (all []Finding) {
	for i, at := range h.Listen {
		f := bindable(ctx, at)
		if h.Either && i+1 < len(h.Listen) && f.Result == fails {
			f.Result = weak
			f.Found += "; " + h.Listen[i+1] + " would be taken instead"
		}
		all = append(all, f)
		if h.Either && f.Result == works {
			break
		}
	}
	return all
}

func bindable(ctx context.Context, at string) Finding {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", at)
	if err == nil {
		_ = ln.Close()
		return good(at, "can be listened on")
	}
	return Finding{Name: at, Result: fails, Found: whyNot(at, err), Fix: portFix(err)}
}

// whyNot is the reason, and who is in the way where that can be told.
func whyNot(at string, err error) string {
	var no syscall.Errno
	if !errors.As(err, &no) {
		return err.Error()
	}
	_, port, _ := net.SplitHostPort(at)
	if n, perr := strconv.ParseUint(port, 10, 16); perr == nil && errors.Is(err, syscall.EADDRINUSE) {
		if who := holder(uint16(n)); who != "" {
			return fmt.Sprintf("%v, by %s", no, who)
		}
	}
	return no.Error()
}

func portFix(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "stop that program, or choose another port: --listen"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return "start as root (it is given up at once), or: setcap cap_net_bind_service=+ep ferry, or a port from 1024 on"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine does not have that address: see `addresses`"
	}
	return "--listen names another address"
}

// passivePorts are those that data connections would come to.
func passivePorts(ctx context.Context, h Host) []Finding {
	const name = "passive ports"
	if h.First == 0 {
		return []Finding{{Name: name, Result: weak, Found: "the system chooses them" + within(), Fix: "behind a firewall: --passive-ports 50000-50009, and open these; ten serve any number of clients"}}
	}
	n, taken := int(h.Last)-int(h.First)+1, 0
	for port := int(h.First); port <= int(h.Last) && port < int(h.First)+maxTried; port++ {
		var lc net.ListenConfig
		if ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort("", strconv.Itoa(port))); err == nil {
			_ = ln.Close()
		} else {
			taken++
		}
	}
	f := good(name, "%d–%d, all free; these must be open in the firewalls", h.First, h.Last)
	switch low, high := ephemeral(); {
	case taken == n:
		f = Finding{Name: name, Result: fails, Found: fmt.Sprintf("%d–%d: none can be listened on", h.First, h.Last), Fix: "choose others: --passive-ports"}
	case taken > 0:
		f = Finding{Name: name, Result: weak, Found: fmt.Sprintf("%d–%d: %d of %d are taken", h.First, h.Last, taken, n), Fix: "choose others: --passive-ports"}
	case n < fewPorts:
		f = Finding{Name: name, Result: weak, Found: fmt.Sprintf("%d: each client address may wait for one connection a port", n), Fix: "four or more let clients behind one NAT transfer side by side"}
	case low > 0 && int(h.First) <= high && int(h.Last) >= low:
		f.Found += fmt.Sprintf("; but within %d–%d, where the system takes ports for outgoing connections", low, high)
		f.Result, f.Fix = weak, fmt.Sprintf("sysctl net.ipv4.ip_local_reserved_ports=%d-%d", h.First, h.Last)
	}
	return []Finding{f}
}

// within says where the system chooses.
func within() string {
	if low, high := ephemeral(); low > 0 {
		return fmt.Sprintf(" from %d–%d", low, high)
	}
	return ""
}
