//go:build unix

package serve

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"ferry/serve/parent"
)

// commands makes orders of SIGHUP and SIGUSR2 until it is ended. At a terminal
// SIGHUP says that the terminal is gone, and ends the server; in somebody else's
// process signals are theirs.
func (d Daemon) commands(orders chan<- parent.Order) (end func()) {
	if d.Confine == Unconfined {
		return func() {}
	}
	signals, over := make(chan os.Signal, 4), make(chan struct{})
	signal.Notify(signals, syscall.SIGUSR2)
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		for {
			select {
			case s := <-signals:
				order := parent.Reload
				if s == syscall.SIGUSR2 {
					order = parent.Upgrade
				}
				select {
				case orders <- order:
				case <-over:
					return
				}
			case <-over:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(over)
	}
}
