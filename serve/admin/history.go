package admin

import (
	"sync"
	"time"

	"ferry/serve/live"
)

// Sample is what has gone on in the samplePause before Time.
type Sample struct {
	Time     time.Time `json:"time"`
	In       float64   `json:"in"`  // bytes a second
	Out      float64   `json:"out"` // bytes a second
	Sessions int       `json:"sessions"`
}

// history is the samples of the last hour.
type history struct {
	mu   sync.Mutex
	all  []Sample
	last live.Stats
	at   time.Time
}

func newHistory() *history { return &history{} }

func (h *history) take(s live.Stats, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if took := now.Sub(h.at).Seconds(); !h.at.IsZero() && took > 0 {
		h.all = append(h.all, Sample{
			Time: now, Sessions: s.Sessions,
			In: float64(s.In-h.last.In) / took, Out: float64(s.Out-h.last.Out) / took,
		})
	}
	if len(h.all) > samples {
		h.all = h.all[len(h.all)-samples:]
	}
	h.last, h.at = s, now
}

func (h *history) list() []Sample {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Sample{}, h.all...)
}
