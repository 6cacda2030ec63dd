package journal

import (
	"io"
	"sync"
	"sync/atomic"

	"ferry/serve/live"
)

// waiting is how many events may wait to be written: a disk that stands still
// for seconds on a busy server. Beyond, the session that has the next one waits
// for the disk: a journal with holes would be none.
const waiting = 16 << 10

// Sink writes events as lines.
type Sink struct {
	line   func(live.Event) []byte // nil: nothing is written of it
	out    io.Writer
	failed func(error)

	mu     sync.RWMutex // Close waits for those who are handing over
	closed bool
	queue  chan live.Event
	done   chan struct{}
	told   atomic.Bool // of an error, since the last success
}

func newSink(out io.Writer, failed func(error), line func(live.Event) []byte) *Sink {
	s := &Sink{line: line, out: out, failed: failed, queue: make(chan live.Event, waiting), done: make(chan struct{})}
	go s.write()
	return s
}

// Observe puts an event into the queue.
func (s *Sink) Observe(e live.Event) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.closed {
		s.queue <- e
	}
}

func (s *Sink) write() {
	defer close(s.done)
	for e := range s.queue {
		line := s.line(e)
		if line == nil {
			continue
		}
		_, err := s.out.Write(line) // one write a line: two processes may append to one file
		if err != nil && s.told.CompareAndSwap(false, true) {
			s.failed(err)
		}
		if err == nil {
			s.told.Store(false)
		}
	}
}

// Close writes what is in the queue.
func (s *Sink) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.queue)
	}
	s.mu.Unlock()
	<-s.done
}
