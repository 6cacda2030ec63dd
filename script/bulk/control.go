package bulk

import (
	"context"
	"sync"
)

// Control is a hand on a run from outside, while it runs: a job's. Its zero
// value lets everything pass. It may be used by any goroutine.
type Control struct {
	mu   sync.Mutex
	held chan struct{} // closed when the run may go on; nil: it may
}

// Pause lets the files that move come to their end and begins no others.
func (c *Control) Pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = make(chan struct{})
	}
}

// Resume ends a pause.
func (c *Control) Resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held != nil {
		close(c.held)
		c.held = nil
	}
}

// Paused reports whether the run is held.
func (c *Control) Paused() bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held != nil
}

// pass waits while the run is held. A nil Control holds nobody.
func (c *Control) pass(ctx context.Context) error {
	if c == nil {
		return nil
	}
	for {
		c.mu.Lock()
		held := c.held
		c.mu.Unlock()
		if held == nil {
			return nil
		}
		select {
		case <-held:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
