package memnet

import (
	"sync"
	"time"
)

// deadline is a moment after which calls fail. Its fields are guarded by the
// lock of whoever holds it.
type deadline struct {
	passed bool
	timer  *time.Timer
	round  int // counts set and stop, so that a late timer does no harm
}

// set moves the deadline; the zero time means none. The caller holds changed.L.
func (d *deadline) set(changed *sync.Cond, t time.Time) {
	d.stop()
	d.passed = false
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	if left <= 0 {
		d.passed = true
		changed.Broadcast()
		return
	}
	round := d.round
	d.timer = time.AfterFunc(left, func() {
		changed.L.Lock()
		defer changed.L.Unlock()
		if d.round == round {
			d.passed = true
			changed.Broadcast()
		}
	})
}

func (d *deadline) stop() {
	d.round++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
