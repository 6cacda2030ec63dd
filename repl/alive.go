package repl

import (
	"context"
	"fmt"
	"time"

	"ferry/proto/client"
	"ferry/proto/list"
)

// stayAlive says NOOP now and then while a line is typed, and tells when the
// connection is gone, until stop is called.
func (sh *shell) stayAlive(ctx context.Context) (stop func()) {
	st := sh.engine.State()
	c, every := st.Client(), st.Settings.KeepAlive()
	if c == nil || c.Broken() || every == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for n := time.Duration(0); n*every < aliveMost; n++ {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if sh.names.ping(ctx, c); c.Broken() && ctx.Err() == nil {
				sh.gone(c)
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// gone tells that a connection was lost while nobody used it.
func (sh *shell) gone(c *client.Client) {
	if ed, ok := sh.ed.(interface{ Reprompt(string) }); ok {
		ed.Reprompt(sh.prompt())
	}
	printError(sh.cfg.Script.Err, fmt.Errorf("%s", list.Printable(c.Err().Error())), sh.ed.Width(), sh.palette())
	sh.sayf("%s", paint(sh.palette(), cyan, "hint: the next verb connects again, to where you were"))
}

// ping says NOOP if nothing else uses the connection, and waits for the answer
// as long as ctx.
func (n *names) ping(ctx context.Context, c *client.Client) {
	f := n.sign(c)
	if f == nil {
		return
	}
	select {
	case <-f.done:
	case <-ctx.Done(): // somebody wants to do something: settle sees to the rest
	}
}

// sign begins a NOOP.
func (n *names) sign(c *client.Client) *fetch {
	if !n.mu.TryLock() {
		return nil // a listing is asked for right now
	}
	defer n.mu.Unlock()
	if n.collect(); n.running != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), aliveWait)
	f := &fetch{client: c, cancel: cancel, done: make(chan struct{})}
	n.running = f
	go func() {
		defer close(f.done)
		defer cancel()
		f.err = c.Noop(ctx)
	}()
	return f
}
