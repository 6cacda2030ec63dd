package serve

import (
	"sync"
	"time"
)

// speed is how fast a transfer has been lately. It is worked out when somebody
// asks, from what has moved since somebody asked before: nobody pays for it
// else.
type speed struct {
	mu    sync.Mutex
	seen  time.Time
	moved int64
	rate  float64
	asked bool
}

// at is the speed in bytes a second, of what began at since and has moved so
// much. Who asks again within speedPause hears the same.
func (s *speed) at(since time.Time, moved int64) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.seen.IsZero() {
		s.seen = since
	}
	took := now.Sub(s.seen)
	if took >= speedPause || !s.asked && took > 0 {
		s.rate = float64(moved-s.moved) / took.Seconds()
		s.seen, s.moved, s.asked = now, moved, true
	}
	return s.rate
}
