package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"ferry/serve/admin"
	"ferry/serve/live"
	"ferry/serve/metrics"
	"ferry/serve/users"
)

// Control is how the administrator reaches a daemon.
type Control struct {
	Socket  string         // path; "": in the state directory; noControl: nowhere
	Metrics string         // address where Prometheus finds the metrics; "": on the control socket only
	Web     string         // address of the page; "": there is none
	Console admin.Prompter // in the terminal of the server itself; nil: not there
}

// noControl is the word for no control socket.
const noControl = "none"

// reachedBySocket reports whether there is to be a control socket.
func (d Daemon) reachedBySocket() bool {
	return d.Control.Socket != noControl && (d.Control.Socket != "" || !d.NoState)
}

// openControl opens the control socket, before privileges are given up and files
// put out of reach. nil: there is none. That the state directory can't be
// written is no reason not to serve.
func (d Daemon) openControl(listeners []net.Listener) (*admin.Listener, error) {
	switch {
	case d.Handed.Parent != nil: // who has opened it, if there is one
		if s := d.Handed.named(ctlSocket); s.Listener != nil {
			return admin.Take(s.Listener, d.Handed.Estate.Control), nil
		}
		return nil, nil
	case !d.reachedBySocket():
		return nil, nil
	case d.Control.Socket != "":
		ln, err := admin.ListenAt(d.Control.Socket)
		if err != nil {
			return nil, &StartError{fmt.Errorf("serve: --control: %w", err), "it wants the path of a socket that is not there yet; none for no socket"}
		}
		return ln, nil
	}
	dir, err := stateDir()
	var ln *admin.Listener
	if err == nil {
		ln, err = admin.Listen(admin.Dir(dir), fmt.Sprint(addrPort(listeners[0].Addr()).Port()))
	}
	if err != nil {
		fmt.Fprintf(d.Err, "ferry: no control socket, ferry ctl can't reach this server: %v\n", err)
		return nil, nil
	}
	return ln, nil
}

// steer lets the administrator in until the daemon ends.
type steer struct {
	hub     *admin.Hub
	ln      *admin.Listener // nil: nobody comes in
	metrics net.Listener    // nil: none of their own
	web     *webPage        // nil: there is none
	book    *orderBook      // nil: orders end with the process
}

// openMetrics listens where --metrics says: on this machine, if it says no host.
func (d Daemon) openMetrics(ctx context.Context) (net.Listener, error) {
	return d.openLocal(ctx, metricsSocket, d.Control.Metrics)
}

// openLocal listens at an address of the flag that is called like the socket,
// which a parent has opened already. nil: there is no such address.
func (d Daemon) openLocal(ctx context.Context, socket, at string) (net.Listener, error) {
	if at == "" {
		return nil, nil
	}
	if s := d.Handed.named(socket); s.Listener != nil {
		return s.Listener, nil
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", localAddress(at))
	if err != nil {
		return nil, &StartError{fmt.Errorf("serve: --%s %s: %w", socket, at, errno(err)), "it wants a port, or an address and a port"}
	}
	return ln, nil
}

// localAddress completes "9100" and ":9100": what is told there is for this
// machine, unless another address is named.
func localAddress(s string) string {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		port = s
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// observers tells each of them what happens.
func observers(all ...func(live.Event)) func(live.Event) {
	return func(e live.Event) {
		for _, tell := range all {
			tell(e)
		}
	}
}

// run answers the administrator. stop ends the daemon.
func (st steer) run(ctx context.Context, d Daemon, r *running, who users.Directory, listeners []net.Listener, stop func(error)) {
	outer, hide := context.WithCancel(ctx)
	r.hide = hide
	m := metrics.New(r.srv.Stats)
	st.hub.Count(m.Observe)
	if st.metrics != nil {
		r.answering.Go(func() {
			if err := admin.ServeMetrics(outer, st.metrics, m); err != nil {
				r.log.Error("metrics failed", "err", err)
			}
		})
	}
	if st.ln == nil && st.web == nil {
		return
	}
	cfg := admin.Config{
		Metrics: m,
		Server:  r.srv, Hub: st.hub, Tell: r.srv.tell, Log: r.log,
		Users:  d.UsersFile,
		Apply:  applyRules,
		Stop:   func() { d.end(stop) },
		Reload: func() error { return d.reread(ctx, r) },
		About:  d.about(listeners),
	}
	if st.ln != nil {
		cfg.About.Name = st.ln.Name
	}
	if st.web != nil {
		cfg.EditUsers = admin.ByServer
	}
	if l, ok := who.(users.Lister); ok {
		cfg.Records = l.Records
	}
	a := admin.New(cfg)
	go a.Run(ctx)
	if st.web != nil {
		page := st.web.open(a)
		st.book.opens(page, r.srv)
		r.answering.Go(func() { st.web.serve(outer, page, r.log) })
	}
	if st.ln == nil {
		return
	}
	answer := func(ctx context.Context, a *admin.Admin, ln *admin.Listener) {
		if err := a.Serve(ctx, ln); err != nil {
			r.log.Error("control socket failed", "err", err)
		}
	}
	r.answering.Go(func() { answer(outer, a, st.ln) })
	r.aside = func(ln net.Listener) {
		cfg.About.Name, cfg.About.Replaced = fmt.Sprintf("%s-%d", cfg.About.Name, os.Getpid()), true
		r.answering.Go(func() { answer(ctx, admin.New(cfg), admin.Take(ln, cfg.About.Name)) })
	}
	if d.Control.Console != nil {
		r.unprompt = d.openConsole(ctx, st.ln.Path, stop)
	}
}

// openConsole begins ctl in the terminal of the server, or of its parent. closed ends
// it, and returns when the terminal is as it was before.
func (d Daemon) openConsole(ctx context.Context, path string, stop func(error)) (closed func()) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() { defer close(over); d.console(ctx, path, stop) }()
	return func() {
		cancel()
		select {
		case <-over:
		case <-time.After(farewell):
		}
	}
}

func (d Daemon) console(ctx context.Context, path string, stop func(error)) {
	c := admin.Ctl{Out: d.Out, Err: d.Err, Prompt: d.Control.Console, Users: editUsersFile(d.Err)}
	if err := admin.Console(ctx, c, path); err != nil {
		fmt.Fprintf(d.Err, "ferry: console: %v\n", err)
		return
	}
	d.end(stop)
}

// end stops the server, and its parent with it.
func (d Daemon) end(stop func(error)) {
	if w := d.Handed.Parent; w != nil {
		_ = w.Done()
	}
	stop(errStopped)
}

// reread reads the settings again: by the parent, which may read more, where
// there is one.
func (d Daemon) reread(ctx context.Context, r *running) error {
	what, err := r.Reload(ctx)
	switch {
	case err != nil:
		return err
	case what.Err != "":
		return errors.New(what.Err)
	case d.Handed.Parent == nil && len(what.Later) > 0:
		return fmt.Errorf("these need a new start: %s", strings.Join(what.Later, " "))
	}
	return nil
}

var errStopped = errors.New("stopped by the administrator")

func (d Daemon) about(listeners []net.Listener) admin.About {
	a := admin.About{Name: fmt.Sprint(addrPort(listeners[0].Addr()).Port()), PID: os.Getpid(), Dir: d.Dir, Version: "devel"}
	if dir, err := filepath.Abs(d.Dir); err == nil {
		a.Dir = dir
	}
	if d.UsersFile != "" {
		a.Users, _ = filepath.Abs(d.UsersFile)
	}
	for _, ln := range listeners {
		a.Listen = append(a.Listen, ln.Addr().String())
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		a.Version = info.Main.Version
	}
	return a
}

// applyRules changes a record as the options of `ferry users change` would.
func applyRules(set map[string]string, r *users.Record) error {
	for name, text := range set {
		known := false
		for _, f := range ruleFlags() {
			if f.name != name {
				continue
			}
			known = true
			words := []string{text}
			if f.many && text != "" {
				words = strings.Fields(text)
			}
			if err := f.set(r, words); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if !known {
			return fmt.Errorf("%q is no rule of a user", name)
		}
	}
	return nil
}
