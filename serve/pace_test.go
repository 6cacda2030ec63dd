package serve

import (
	"testing"
	"testing/synctest"
	"time"
)

// What sending took, and what timers are late, is made up for, so that a rate is
// kept; what is not used is not: after a rest no more goes at once than before.
func TestPaceIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, part = 100 << 10, 1 << 10
		var p pace
		send := func(n int) time.Duration {
			begun := time.Now()
			p.take(0, rate)
			for range n {
				time.Sleep(3 * time.Millisecond)
				if late := p.take(part, rate); late > 0 {
					time.Sleep(late + 5*time.Millisecond)
				}
			}
			return time.Since(begun).Round(50 * time.Millisecond)
		}
		if took := send(1000); took != 10*time.Second {
			t.Errorf("ten seconds' worth took %v", took)
		}
		time.Sleep(time.Hour)
		if took := send(10); took < 100*time.Millisecond {
			t.Errorf("after a rest, a tenth of a second's took %v", took)
		}
		time.Sleep(time.Hour) // within a transfer whose peer takes nothing
		gone := 0
		for p.take(part, rate) <= 0 {
			gone++
		}
		if gone > 100/paceShare {
			t.Errorf("after a rest of the peer, %d hundredths of a second's went at once", gone)
		}
	})
}
