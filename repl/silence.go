package repl

import (
	"fmt"
	"strings"
	"time"

	"ferry/proto/list"
)

// tellOfSilence tells a person who waits what for, and how to stop it: once
// for each silence that lasts. It goes on until stop is called.
func (sh *shell) tellOfSilence() (stop func()) {
	done, gone := make(chan struct{}), make(chan struct{})
	jobs := sh.engine.State().Jobs
	go func() {
		defer close(gone)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for told := false; ; {
			select {
			case now := <-tick.C:
				host, since := jobs.Silence(now)
				if since >= silentAfter && !told {
					sh.sayf("%s", silence(host, since, sh.ed.Width()))
				}
				told = since >= silentAfter
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-gone }
}

// silence is what a person is told of it, in so many columns.
func silence(host string, since time.Duration, columns int) string {
	text := fmt.Sprintf("waiting for %s, which has said nothing for %d seconds (^C stops; twice: drops the connection)", list.Printable(host), int(since.Seconds()))
	return strings.Join(wrapped(text, columns-1, 2), "\n  ")
}
