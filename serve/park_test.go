package serve

import (
	"testing"
	"testing/synctest"
	"time"
)

// Memory is given back when a crowd has come to rest, and when it has left; not
// for a visitor, nor while others still come and go.
func TestCrowdGivesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, freed := newParking(nil), 0
		p.free = func() { freed++ }
		rests := func() { p.mu.Lock(); p.settle(&session{}); p.mu.Unlock() }
		for _, c := range []struct {
			what  string
			times int
			stirs func()
			freed int
		}{
			{"a few rest", crowdRests - 1, rests, 0},
			{"one of them has rested before", 1, func() { p.settle(&session{rested: true}) }, 0},
			{"a crowd rests", 1, rests, 1},
			{"a few leave", crowdRests - 1, p.gone, 1},
			{"a crowd has left", 10, p.gone, 2},
		} {
			for range c.times {
				c.stirs()
				time.Sleep(tidyAfter / 2)
			}
			time.Sleep(2 * tidyAfter)
			synctest.Wait()
			if freed != c.freed {
				t.Errorf("%s: given back %d times, not %d", c.what, freed, c.freed)
			}
		}
		p.close()
	})
}
