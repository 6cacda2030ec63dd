package admin

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
)

// interrupts makes ^C end the verb that runs (log -f), and not the prompt, which
// in --console is that of the server itself. Where no verb runs, SIGINT ends the
// prompt.
type interrupts struct {
	come chan os.Signal
	over chan struct{}
	done func() // ends the prompt

	mu   sync.Mutex
	stop context.CancelFunc // of the verb; nil: none runs
}

func newInterrupts(done func() error) *interrupts {
	v := &interrupts{come: make(chan os.Signal, 1), over: make(chan struct{}), done: sync.OnceFunc(func() { _ = done() })}
	signal.Reset(os.Interrupt) // else it would end the process, or the server
	signal.Notify(v.come, os.Interrupt)
	go func() {
		for {
			select {
			case <-v.over:
				return
			case <-v.come:
				v.interrupt()
			}
		}
	}()
	return v
}

func (v *interrupts) interrupt() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.stop == nil {
		v.done()
		return
	}
	v.stop()
}

// run runs a verb until it ends or is interrupted, which is no error.
func (v *interrupts) run(ctx context.Context, verb func(context.Context) error) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	v.set(cancel)
	defer v.set(nil)
	err := verb(inner)
	if ctx.Err() == nil && errors.Is(inner.Err(), context.Canceled) {
		return nil
	}
	return err
}

func (v *interrupts) set(stop context.CancelFunc) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stop = stop
}

func (v *interrupts) end() {
	signal.Stop(v.come)
	close(v.over)
	v.done()
}
