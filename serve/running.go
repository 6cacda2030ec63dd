package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"ferry/serve/certs"
	"ferry/serve/parent"
)

// running is a daemon at work.
type running struct {
	srv *Server
	log *slog.Logger
	set *certs.Set // nil: no TLS

	written writers
	to      io.Closer // where the log goes
	hide    func()    // ends page, metrics and control socket, which a successor has by then

	aside func(net.Listener) // answers the administrator there from now on; nil: nowhere

	unprompt  func()         // closes the console; nil: there is none
	answering sync.WaitGroup // the administrator, and whoever reads metrics

	mu     sync.Mutex
	daemon Daemon // whose settings are in force
}

var (
	errTimeOver = errors.New("time is over (--for)")
)

// serve runs all listeners; the end of one is the end of all.
func (d Daemon) serve(ctx context.Context, r *running, listeners []net.Listener) error {
	if d.For > 0 && d.Handed.Parent == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d.For, errTimeOver)
		defer cancel()
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ends := make(chan error, len(listeners))
	for _, ln := range listeners {
		go func() { ends <- r.srv.Serve(context.WithoutCancel(ctx), ln) }()
	}
	retired := make(chan struct{})
	if err := d.attach(ctx, r, stop, retired); err != nil {
		stop(err)
	}
	var failed error
	left := len(listeners)
	select {
	case failed = <-ends:
		left--
		d.isDone(ctx, failed)
	case <-retired:
		for left > 0 && ctx.Err() == nil {
			select {
			case err := <-ends:
				failed = errors.Join(failed, err)
				left--
			case <-ctx.Done():
			}
		}
	case <-ctx.Done():
		if d.Handed.Parent == nil {
			notify(isStopping)
		}
		if n := len(r.srv.Sessions()); n > 0 {
			fmt.Fprintf(d.Err, "ferry: %v: sessions end as soon as their transfers have finished (%d now)\n", context.Cause(ctx), n)
		}
	}
	failed = errors.Join(failed, r.srv.Shutdown(context.WithoutCancel(ctx)))
	for ; left > 0; left-- {
		failed = errors.Join(failed, <-ends)
	}
	return failed
}

// attach makes this process do what its parent asks, if it has one.
func (d Daemon) attach(ctx context.Context, r *running, stop context.CancelCauseFunc, retired chan struct{}) error {
	w := d.Handed.Parent
	if w == nil {
		orders := make(chan parent.Order, 1)
		end := d.commands(orders)
		go func() {
			defer end()
			r.obey(ctx, orders)
		}()
		keepAlive := make(chan struct{})
		context.AfterFunc(ctx, func() { close(keepAlive) })
		go r.reassure(keepAlive)
		notify(parent.IsReady)
		return nil
	}
	probes, err := newProbed(r.srv)
	if err != nil {
		return err
	}
	go func() {
		defer probes.close()
		err := w.Listen(parent.Duties{
			Probe:  probes.take,
			Change: r.change,
			Share:  r.srv.share,
			Retire: func(aside *os.File) {
				r.srv.Retire()
				r.hide()
				r.step(aside)
				close(retired)
			},
			Stop: func(why string) { stop(errors.New(why)) },
		})
		r.log.Error("server ends", "err", err)
		stop(err)
		r.srv.cutAll()
	}()
	return w.Ready()
}

// step makes way for a successor: the administrator finds this process elsewhere.
func (r *running) step(aside *os.File) {
	if aside == nil || r.aside == nil {
		return
	}
	ln, err := net.FileListener(aside)
	if err != nil {
		r.log.Error("control socket of a replaced server can't be had", "err", err)
		return
	}
	r.aside(ln)
}

// farewell waits until whoever has connected by now is answered, and until those who
// follow the log have heard the last of it.
func (r *running) farewell() {
	if r.unprompt != nil {
		r.unprompt()
	}
	over := make(chan struct{})
	go func() { r.answering.Wait(); close(over) }()
	select {
	case <-over:
	case <-time.After(farewell):
	}
}

// isDone tells the parent that the end which follows is meant, if it is.
func (d Daemon) isDone(ctx context.Context, failed error) {
	if w := d.Handed.Parent; w != nil && failed == nil && ctx.Err() == nil {
		_ = w.Done()
	}
}
