//go:build unix

package serve

import (
	"os"
	"os/signal"
	"syscall"

	"ferry/serve/parent"
)

// commands makes orders of SIGHUP and SIGUSR2 until it is ended.
func commands(orders chan<- parent.Order) (end func()) {
	signals, over := make(chan os.Signal, 4), make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGUSR2)
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
