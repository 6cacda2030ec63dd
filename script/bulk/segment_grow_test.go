package bulk

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Losses are the line's own only where no segment was ever fast: who fills a
// buffer loses there, and slows down, without more segments being of use.
func TestMeterOfALossyLine(t *testing.T) {
	for name, c := range map[string]struct {
		first int64 // bytes in the first turn
		most  bool  // as many segments as may be are tried
	}{"slow from the start": {100 << 10, true}, "fast before": {2 << 20, false}} {
		synctest.Test(t, func(t *testing.T) {
			f := &segmented{size: 1 << 30, losing: true, moved: &atomic.Int64{}, active: map[*segment]struct{}{}}
			f.active[f.segment(span{0, 1 << 30})] = struct{}{}
			m := meter{f: f, most: 16, measures: true}
			m.restart()
			most := false
			for _, bytes := range []int64{c.first, 100 << 10} {
				time.Sleep(meterEvery)
				f.moved.Add(bytes)
				most = most || m.turn() == m.most
			}
			if most != c.most {
				t.Errorf("%s: as many as may be: %v", name, most)
			}
		})
	}
}
