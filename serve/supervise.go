package serve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"ferry/serve/certs"
	"ferry/serve/parent"
	"ferry/serve/users"
)

// Watchdog says whether a daemon is started by a parent of its own, which keeps
// it up.
type Watchdog int

const (
	Unwatched Watchdog = iota
	Watched
)

// overseer is the parent of a daemon: it knows what needs rights that the
// daemon gives up, and what must not change from one start to the next.
type overseer struct {
	to   io.Closer // where the log goes
	d    Daemon
	log  *slog.Logger
	set  *certs.Set // nil: no TLS, or the child's business (ACME)
	text estate     // what children are told, but for the certificates

	shown *shownAccount // nil: there is none of that kind
	greet func()        // once the first child is ready
}

// start is Run, below a parent if one is wanted.
func (d Daemon) start(ctx context.Context) error {
	switch {
	case d.Handed.Parent != nil:
		d = d.inherit()
		err := d.Run(ctx)
		if err != nil && !d.Handed.Parent.Served() {
			d.Handed.failed(err)
		}
		return err
	case d.Watchdog == Watched:
		return d.Supervise(ctx)
	}
	return d.Run(ctx)
}

// Supervise binds, reads keys, and keeps a daemon up until ctx ends.
//
// SECURITY: the parent keeps its rights, and therefore reads nothing that a
// stranger sends: it accepts no connection. What its children say to it can
// make it start and end processes of the same program, and nothing else.
func (d Daemon) Supervise(ctx context.Context) error {
	if runtime.GOOS == "windows" {
		return &UsageError{errors.New("serve: --watchdog: on Windows no process can take another's sockets over"),
			"ferry serve --service windows prints the commands that make a service of it, which Windows starts again"}
	}
	log, to, err := d.logger()
	if err != nil {
		return err
	}
	defer to.Close()
	o := &overseer{d: d, log: log, to: to}
	if err := o.prepare(); err != nil {
		return err
	}
	listeners, err := d.listen(ctx)
	if err != nil {
		return err
	}
	defer closeAll(listeners)
	if d.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d.For, errTimeOver)
		defer cancel()
	}
	o.greet = sync.OnceFunc(func() { d.greet(listeners, o.shown, o.set) })
	path, err := os.Executable()
	if err != nil {
		return err
	}
	p := parent.Parent{
		Path: path, Args: os.Args[1:],
		Sockets: forChildren(listeners), Tell: o.tell, Reread: o.reread,
		Patience: d.Patience, Drain: d.Limits.complete().Drain,
		Log: log, Out: d.Out, Err: d.Err, Notify: o.notify,
	}
	orders := make(chan parent.Order, 1)
	defer commands(orders)()
	go o.watchCertificates(ctx, orders)
	return p.Run(ctx, orders)
}

// prepare finds out what all children need alike.
func (o *overseer) prepare() error {
	if !o.d.ACME.on() {
		var err error
		if o.set, err = o.d.certificates(o.log, nil); err != nil {
			return err
		}
	}
	if !o.d.hasAccount() {
		return nil
	}
	hasher := users.NewHasher()
	var err error
	if _, o.shown, err = o.d.account(hasher); err != nil {
		return err
	}
	o.text.Hash = hasher.Hash(o.shown.pass).Reveal()
	return nil
}

// tell is what the next child gets.
func (o *overseer) tell() ([]byte, error) {
	e := o.text
	if o.set != nil {
		var err error
		if e.Certs, err = o.set.Texts(); err != nil {
			return nil, err
		}
	}
	return json.Marshal(e)
}

// reread looks at everything again, and says what children are to be told.
func (o *overseer) reread() ([]byte, []parent.Socket, error) {
	reopen(o.log, o.to)
	if o.set != nil {
		o.set.Look()
	}
	text, err := o.tell()
	return text, nil, err
}

// watchCertificates reloads when a certificate has changed, which children
// can't read.
func (o *overseer) watchCertificates(ctx context.Context, orders chan<- parent.Order) {
	if o.set == nil {
		return
	}
	tick := time.NewTicker(certsEvery)
	defer tick.Stop()
	for last := o.set.Version(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		v := o.set.Version()
		if v == last {
			continue
		}
		last = v
		select {
		case orders <- parent.Reload:
		case <-ctx.Done():
			return
		}
	}
}

// notify greets when the server is up for the first time.
func (o *overseer) notify(state ...string) {
	if slices.Contains(state, parent.IsReady) {
		o.greet()
	}
	notify(state...)
}

func forChildren(listeners []net.Listener) (all []parent.Socket) {
	for _, ln := range listeners {
		name := controlSocket
		if isImplicit(ln) {
			name = implicitSocket
		}
		all = append(all, parent.Socket{Name: name, Listener: below(ln)})
	}
	return all
}
