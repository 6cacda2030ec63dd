package serve

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ferry/serve/admin"
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
	set  atomic.Pointer[certs.Set] // nil: no TLS, or the child's business (ACME)
	text estate                    // what children are told, but for the certificates

	listeners []net.Listener
	metrics   net.Listener    // nil: there is none
	web       net.Listener    // nil: there is no page
	page      *webPage        // what is told of it
	control   *admin.Listener // nil: there is no control socket
	book      *os.File        // nil: no orders can come
	aside     map[int]string  // paths where replaced children are reached

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
	return managed(ctx, d.Run)
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
	o.listeners = listeners
	defer func() { closeAll(o.listeners) }()
	if d.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d.For, errTimeOver)
		defer cancel()
	}
	if o.metrics, err = d.openMetrics(ctx); err != nil {
		return err
	}
	if o.metrics != nil {
		defer o.metrics.Close()
	}
	if o.web, err = d.openLocal(ctx, webSocket, d.Control.Web); err != nil {
		return err
	}
	if o.web != nil {
		defer o.web.Close()
	}
	if err := o.openPage(); err != nil {
		return err
	}
	if o.control, err = d.openControl(listeners); err != nil {
		return err
	}
	if o.control != nil {
		defer o.control.Close()
		o.text.Control = o.control.Path
	}
	if o.book = o.openBook(); o.book != nil {
		defer o.book.Close()
	}
	o.greet = sync.OnceFunc(func() {
		d.greet(listeners, o.shown, o.set.Load())
		o.page.tell(d)
	})
	path, err := os.Executable()
	if err != nil {
		return err
	}
	p := parent.Parent{
		Path: path, Args: os.Args[1:],
		Fresh: o.fresh(), Tell: o.tell, Reread: o.reread, Aside: o.reached, Gone: o.gone,
		Log: log, Out: d.Out, Err: d.Err, Notify: o.notify,
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if d.Control.Console != nil && o.control != nil {
		defer d.openConsole(ctx, o.control.Path, stop)()
	}
	orders := make(chan parent.Order, 1)
	defer d.commands(orders)()
	go o.watchCertificates(ctx, orders)
	return p.Run(ctx, orders)
}

// prepare finds out what all children need alike.
func (o *overseer) prepare() error {
	o.text.Run = rand.Text()
	if !o.d.ACME.on() {
		set, err := o.d.certificates(o.log, nil)
		if err != nil {
			return err
		}
		o.set.Store(set)
	}
	var err error
	if o.d.ReadConfig != nil {
		if o.text.Settings, err = o.d.ReadConfig(); err != nil {
			return err
		}
	}
	if !o.d.hasAccount() {
		return nil
	}
	hasher := users.NewHasher()
	if _, o.shown, err = o.d.account(hasher); err != nil {
		return err
	}
	o.text.Hash = hasher.Hash(o.shown.pass).Reveal()
	return nil
}

// tell is what the next child gets.
func (o *overseer) tell() ([]byte, error) {
	e := o.text
	if o.page != nil {
		o.page.look()
		e.Token = o.page.token.Reveal()
	}
	if set := o.set.Load(); set != nil {
		var err error
		if e.Certs, err = set.Texts(); err != nil {
			return nil, err
		}
	}
	return json.Marshal(e)
}

// reread looks at everything again, and says what children are to be told.
func (o *overseer) reread() (parent.Fresh, error) {
	reopen(o.log, o.to)
	if set := o.set.Load(); set != nil {
		set.Look()
	}
	if o.d.Reread != nil {
		if err := o.again(); err != nil {
			return parent.Fresh{}, err
		}
	}
	fresh := o.fresh()
	var err error
	fresh.Text, err = o.tell()
	return fresh, err
}

// fresh is what the parent goes by, as the settings are now.
func (o *overseer) fresh() parent.Fresh {
	return parent.Fresh{Sockets: o.sockets(), Patience: o.d.Patience, Drain: o.d.Limits.complete().Drain}
}

// again reads the file of settings, and opens and closes sockets as it says.
func (o *overseer) again() error {
	text, err := o.d.ReadConfig()
	if err != nil {
		return err
	}
	fresh, err := o.d.Reread(text)
	if err != nil {
		return err
	}
	if fresh.Control.Web != o.d.Control.Web || fresh.Control.Metrics != o.d.Control.Metrics || fresh.Control.Socket != o.d.Control.Socket {
		return errors.New("other addresses of page, metrics and control socket need a new start")
	}
	set := o.set.Load()
	if !slices.Equal(fresh.allPairs(), o.d.allPairs()) && !fresh.ACME.on() {
		if set, err = fresh.certificates(o.log, nil); err != nil {
			return err
		}
	}
	if fresh.hasAccount() && o.text.Hash == "" {
		return errors.New("a user without a users file needs a new start: nobody has been told a password")
	}
	// The sockets come last: what is refused must leave them as o.d has them.
	if !slices.Equal(fresh.Listen, o.d.Listen) || !slices.Equal(fresh.TLS.Implicit, o.d.TLS.Implicit) {
		if err := o.listenAnew(fresh); err != nil {
			return err
		}
	}
	o.set.Store(set)
	fresh.Out, fresh.Err, fresh.Handed = o.d.Out, o.d.Err, o.d.Handed
	o.d, o.text.Settings = fresh, text
	return nil
}

// listenAnew opens the sockets that have come, and closes those that have gone.
// Children that have them let go when they are replaced.
func (o *overseer) listenAnew(fresh Daemon) error {
	if len(o.d.Handed.Sockets) > 0 {
		return errors.New("the service manager has opened the sockets: its socket unit says where")
	}
	before := o.d.sockets()
	kept := map[string]net.Listener{}
	for i, ln := range o.listeners {
		kept[before[i]] = ln
	}
	var now, opened []net.Listener
	for _, at := range fresh.sockets() {
		ln := kept[at]
		delete(kept, at)
		if ln == nil {
			one := fresh
			one.Listen, one.TLS.Implicit = nil, nil
			switch kind, where, _ := strings.Cut(at, " "); kind {
			case controlSocket:
				one.Listen = []string{where}
			case implicitSocket:
				one.TLS.Implicit = []string{where}
			}
			all, err := one.listen(context.Background())
			if err != nil {
				closeAll(opened)
				return err
			}
			ln = all[0]
			opened = append(opened, ln)
		}
		now = append(now, ln)
	}
	for _, ln := range kept {
		ln.Close()
	}
	o.listeners = now
	return nil
}

// sockets are what listen opens, by kind and address.
func (d Daemon) sockets() (all []string) {
	for _, at := range d.Listen {
		all = append(all, controlSocket+" "+at)
	}
	for _, at := range d.TLS.Implicit {
		all = append(all, implicitSocket+" "+at)
	}
	if len(all) == 0 {
		return []string{"default"}
	}
	return all
}

// watchCertificates reloads when a certificate has changed, which children
// can't read.
func (o *overseer) watchCertificates(ctx context.Context, orders chan<- parent.Order) {
	version := func() uint64 {
		if set := o.set.Load(); set != nil {
			return set.Version()
		}
		return 0 // settings that are read again may switch TLS on
	}
	tick := time.NewTicker(certsEvery)
	defer tick.Stop()
	for last := version(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		v := version()
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

// sockets are all that children get: two of them may live at once. Page, metrics
// and control socket are the newer one's.
func (o *overseer) sockets() []parent.Socket {
	all := forChildren(o.listeners)
	if o.metrics != nil {
		all = append(all, parent.Socket{Name: metricsSocket, Listener: o.metrics})
	}
	if o.web != nil {
		all = append(all, parent.Socket{Name: webSocket, Listener: o.web})
	}
	if o.control != nil {
		all = append(all, parent.Socket{Name: ctlSocket, Listener: o.control})
	}
	if o.book != nil {
		all = append(all, parent.Socket{Name: bookFile, File: o.book})
	}
	return all
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
