package bulk

import (
	"context"
	"sync"
	"time"
)

// grow finds out by measuring how many segments pay. Two are there as soon as a
// second session is; each next one as long as the last has brought something.
// On a line that loses packets of itself each stream stays slow, whatever the
// line could carry: then as many as may be are tried at once, and half of them
// given up again if that was of no use.
func (f *segmented) grow(ctx context.Context, ready chan<- struct{}) {
	m := meter{f: f, most: f.run.opts.Segments}
	if m.most == 0 {
		m.most, m.measures = min(maxSegments, f.run.crew.wanted()), true
	}
	h := hiring{f: f, busy: make(chan struct{}, 1)}
	defer h.under.Wait()
	h.staff(ctx, func() { close(ready); f.rejoin() })
	for sleep(f.life, meterEvery) == nil {
		f.clock(meterEvery)
		if f.lacks() > 0 {
			h.staff(ctx, nil)
		}
		if f.runsOut() { // what the last segments bring tells nothing of how many pay
			m.restart()
			continue
		}
		if n := m.turn(); n > 0 {
			f.mu.Lock()
			f.want = n
			f.mu.Unlock()
			h.staff(ctx, nil)
			m.restart()
		}
	}
}

// atFirst is how many sessions begin.
func (f *segmented) atFirst() int {
	most := f.run.opts.Segments
	if most == 0 {
		most = min(firstSegments, f.run.crew.wanted())
	}
	return most
}

// rejoin puts together again what was cut for more sessions than could be had.
func (f *segmented) rejoin() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.gaps) < 2 {
		return
	}
	var all spans
	for _, g := range f.gaps {
		all = all.add(g)
	}
	f.gaps = all
	f.split(max(1, f.want-f.hands))
}

// hiring is the making of sessions for a file, one lot at a time: a login that
// waits for a lost packet holds nobody else.
type hiring struct {
	f     *segmented
	busy  chan struct{} // holds one while a lot is made
	under sync.WaitGroup
}

// staff begins to get the sessions that are missing; while it is at it already,
// those that wait for work are told.
func (h *hiring) staff(ctx context.Context, then func()) {
	select {
	case h.busy <- struct{}{}:
		h.under.Go(func() {
			h.f.staff(ctx)
			<-h.busy
			if then != nil {
				then()
			}
		})
	default:
		h.f.run.queue.nudge()
	}
}

// staff gets the sessions that are missing: those that wait, else new ones.
// Where none can be had, as many as there are must do.
func (f *segmented) staff(ctx context.Context) {
	lacks := f.lacks()
	if lacks == 0 {
		return
	}
	f.run.queue.nudge()
	if n := lacks - f.run.queue.waiting(); n > 0 {
		f.run.crew.summon(ctx, f.life, n)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.want = max(1, min(f.want, f.run.crew.wanted()))
}

// meter follows the goodput of a file.
type meter struct {
	f        *segmented
	most     int
	measures bool // how many there are is for it to say

	count  int64 // bytes at the last turn
	at     time.Time
	begun  int64 // bytes when the number of segments became what it is
	since  time.Time
	rate   float64 // of the last turn, bytes a second
	peak   float64 // the most that a segment had on average, bytes a second
	turns  int     // since the number of segments is what it is
	before float64 // goodput with fewer of them
	fewer  int     // how many those were
	tried  bool    // a lossy line was answered
}

// restart begins to measure another number of segments.
func (m *meter) restart() {
	m.turns, m.count, m.at = 0, m.f.moved.Load(), time.Now()
	m.begun, m.since = m.count, m.at
}

// turn measures once. It returns how many segments there should be from now on,
// 0: as there are.
func (m *meter) turn() int {
	count, now := m.f.moved.Load(), time.Now()
	rate := float64(count-m.count) / now.Sub(m.at).Seconds()
	m.count, m.at = count, now
	last := m.rate
	m.rate = rate
	m.turns++
	hands := m.f.atWork()
	if !m.measures {
		return 0
	}
	// Who was fast once has filled the line's buffer, and lost that way.
	m.peak = max(m.peak, rate/float64(hands))
	if !m.tried && hands < m.most && m.f.lossy(m.peak) {
		m.tried, m.before, m.fewer = true, max(rate, last), hands
		return m.most
	}
	if m.turns < m.f.warmTurns() {
		return 0
	}
	if rate > last*segmentGain && m.turns < settleTurns {
		return 0 // it still climbs
	}
	if m.tried { // many short segments: one turn may have caught most of them at their begin
		last = max(last, float64(count-m.begun)/now.Sub(m.since).Seconds())
	}
	return m.next(max(rate, last), hands)
}

// warmTurns is how long new segments bring less than they will: until their
// first byte is there, and while they come up to speed.
func (f *segmented) warmTurns() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return warmTurns + int(f.begins/meterEvery)
}

// next is asked when goodput has settled.
func (m *meter) next(rate float64, hands int) int {
	if m.before > 0 && rate < m.before*segmentGain {
		m.measures = false
		return m.fewer
	}
	left := float64(m.f.missing())
	if hands >= m.most || rate > 0 && left/rate < segmentWorth.Seconds() {
		return 0
	}
	m.before, m.fewer = rate, hands
	if rate > 0 && left/rate > 4*segmentWorth.Seconds() {
		return min(m.most, 2*hands)
	}
	return hands + 1
}

func (f *segmented) atWork() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return max(1, len(f.active))
}

// runsOut reports that there are sessions for which nothing is left.
func (f *segmented) runsOut() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.active) < f.want
}

func (f *segmented) missing() int64 { return f.size - f.present().sum() }

// lossy reports whether packets go missing while each segment is slow.
func (f *segmented) lossy(rate float64) bool {
	if rate > lossyRate {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.active {
		if a, ok := s.probe.Arrival(); ok && a.Late > 0 {
			f.losing = true
		}
	}
	return f.losing
}
