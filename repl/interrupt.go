package repl

import (
	"context"
	"errors"
	"os"
	"os/signal"
)

// errInterrupted is ^C: at the prompt it clears the line, during a verb it
// stops the verb.
var errInterrupted = errors.New("interrupted")

// interruptible runs f with a context that ^C ends. A second ^C calls again,
// for when f does not come back.
func interruptible(parent context.Context, again func(), f func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-signals:
				if n == 0 {
					cancel(errInterrupted)
					continue
				}
				again()
			case <-ctx.Done():
				if n == 0 || parent.Err() != nil {
					return
				}
				// Interrupted and not yet back: wait for the second ^C.
				select {
				case <-signals:
					again()
				case <-parent.Done():
				}
				return
			}
		}
	}()
	return f(ctx)
}
