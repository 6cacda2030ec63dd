package repl

import (
	"context"
	"errors"
	"os"
	"os/signal"
)

// errInterrupted is ^C: at the prompt it clears the line, during a verb it
// stops the verb.
var errInterrupted error = interruption{}

// interruption ends a process that ran commands without a shell (-c) with the
// code that shells use for SIGINT.
type interruption struct{}

func (interruption) Error() string   { return "interrupted" }
func (interruption) ExitStatus() int { return 130 }

// notify takes SIGINT over until stop is called.
func notify() (interrupts chan os.Signal, stop func()) {
	c := make(chan os.Signal, 4)
	signal.Notify(c, os.Interrupt)
	return c, func() { signal.Stop(c) }
}

// interruptible runs f with a context that the first interrupt ends. On hears
// of each one, from 1.
func interruptible(parent context.Context, interrupts <-chan os.Signal, on func(n int), f func(context.Context) error) error {
	for len(interrupts) > 0 {
		<-interrupts // it came while nothing ran
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	done := make(chan struct{})
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for n := 1; ; n++ {
			select {
			case <-interrupts:
				cancel(errInterrupted)
				on(n)
			case <-done:
				return
			}
		}
	}()
	err := f(ctx)
	close(done)
	<-gone
	return err
}

// interrupted reports whether an error is ^C.
func interrupted(err error) bool { return errors.Is(err, errInterrupted) }
