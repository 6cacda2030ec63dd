package admin

import (
	"sync"

	"ferry/serve/live"
)

// Hub hears events, keeps the last ones, and hands them to those who listen.
type Hub struct {
	mu        sync.Mutex
	kept      []live.Event // a ring once it is full
	next      int          // where in kept the next one goes
	listeners map[*listener]bool
	count     []func(live.Event)
}

// listener is one who hears events as they come.
type listener struct {
	events chan live.Event
	lost   int // guarded by the hub's mu
}

// NewHub is a hub that has heard nothing.
func NewHub() *Hub { return &Hub{listeners: map[*listener]bool{}} }

// Count has somebody hear all events, in the goroutine that they happen in. It
// comes before the first event.
func (h *Hub) Count(hear func(live.Event)) { h.count = append(h.count, hear) }

// Observe hears an event. It never waits for those who listen.
func (h *Hub) Observe(e live.Event) {
	for _, hear := range h.count {
		hear(e)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.kept) < keptEvents {
		h.kept = append(h.kept, e)
	} else {
		h.kept[h.next] = e
		h.next = (h.next + 1) % keptEvents
	}
	for l := range h.listeners {
		select {
		case l.events <- e:
		default:
			l.lost++
		}
	}
}

// listen begins to listen; past is what was kept. nil: too many listen already.
func (h *Hub) listen() (past []live.Event, l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	past = append(append(past, h.kept[h.next:]...), h.kept[:h.next]...)
	if len(h.listeners) >= maxListeners {
		return past, nil
	}
	l = &listener{events: make(chan live.Event, waitingEvents)}
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
