//go:build unix

package serve

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// onHangup does something at each SIGHUP, until ctx ends.
func onHangup(ctx context.Context, do func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case <-signals:
				do()
			case <-ctx.Done():
				return
			}
		}
	}()
}
