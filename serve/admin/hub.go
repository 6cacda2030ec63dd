package admin

import (
	"sync"

	"ferry/serve/live"
)

// Hub hears events, keeps the last ones, and hands them to those who listen.
type Hub struct {
	mu        sync.Mutex
	count     uint64  // of all events
	kept      []heard // a ring once it is full
	next      int     // where in kept the next one goes
	listeners map[*listener]bool
	counters  []func(live.Event)
}

// heard is an event, and how many there have been with it: who listens anew asks
// for what is behind the last one that arrived.
type heard struct {
	Seq uint64 `json:"seq"`
	live.Event
}

// listener is one who hears events as they come.
type listener struct {
	events chan heard
	before uint64 // how many there were when it began
	lost   int    // guarded by the hub's mu
}

// NewHub is a hub that has heard nothing.
func NewHub() *Hub { return &Hub{listeners: map[*listener]bool{}} }

// Count has somebody hear all events, in the goroutine that they happen in. It
// comes before the first event.
func (h *Hub) Count(hear func(live.Event)) { h.counters = append(h.counters, hear) }

// Observe hears an event. It never waits for those who listen.
func (h *Hub) Observe(e live.Event) {
	for _, hear := range h.counters {
		hear(e)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count++
	one := heard{h.count, e}
	if len(h.kept) < keptEvents {
		h.kept = append(h.kept, one)
	} else {
		h.kept[h.next] = one
		h.next = (h.next + 1) % keptEvents
	}
	for l := range h.listeners {
		select {
		case l.events <- one:
		default:
			l.lost++
		}
	}
}

// listen begins to listen; past is what was kept. nil: too many listen already.
func (h *Hub) listen() (past []heard, l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	past = append(append(past, h.kept[h.next:]...), h.kept[:h.next]...)
	if len(h.listeners) >= maxListeners {
		return past, nil
	}
	l = &listener{events: make(chan heard, waitingEvents), before: h.count}
	h.listeners[l] = true
	return past, l
}

func (h *Hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
}

// missed is how many events a listener has lost since it was asked before.
func (h *Hub) missed(l *listener) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := l.lost
	l.lost = 0
	return n
}
