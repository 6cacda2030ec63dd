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

// Segments that have just begun are given the time to come up to speed, before
// they are judged by what they bring.
func TestMeterWaitsForNewSegments(t *testing.T) {
	for name, c := range map[string]struct {
		later int64 // bytes a turn, once they are at speed
		kept  bool
	}{"worth it": {1 << 20, true}, "of no use": {100 << 10, false}} {
		synctest.Test(t, func(t *testing.T) {
			f := &segmented{size: 1 << 30, losing: true, begins: 3 * meterEvery, moved: &atomic.Int64{}, active: map[*segment]struct{}{}}
			for range 16 {
				f.active[f.segment(span{0, 1 << 30})] = struct{}{}
			}
			m := meter{f: f, most: 16, measures: true, tried: true, before: float64(100<<10) / meterEvery.Seconds(), fewer: 3}
			m.restart()
			n := 0
			for i := range 3 * settleTurns {
				time.Sleep(meterEvery)
				f.moved.Add(map[bool]int64{true: 100 << 10, false: c.later}[i < 5 || i%4 == 3]) // at times most begin anew
				n = max(n, m.turn())
			}
			if kept := n != m.fewer; kept != c.kept {
				t.Errorf("%s: %d segments are said to be enough", name, n)
			}
		})
	}
}
