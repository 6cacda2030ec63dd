package bulk

import (
	"cmp"
	"context"
	"os"
	"slices"
	"sync"
	"time"
)

// task is a step under way: what has become of it so far.
type task struct {
	Step
	index    int    // in the plan; reports are in its order
	result   Result // filled by the attempts
	tries    int    // attempts so far
	idle     int    // attempts in a row that brought it no further
	reached  int64  // the furthest that an attempt has begun
	doubts   int    // attempts whose bytes were wrong
	suspect  bool   // the last attempt found another size or content than was planned
	began    bool
	waits    bool // in a load of small files, and not begun; the queue's
	ended    bool
	sent     int64     // Up: how far into the file earlier attempts of this run have come
	temp     string    // Up: the name under which it arrives
	left     bool      // Up: an earlier run has left something under that name
	straight bool      // Up: a batch has begun it under its own name, since the server commits it
	unseen   bool      // Up: what an earlier attempt left shows its size and nothing else
	short    int       // Down: attempts in which a segment ended too soon
	after    time.Time // Down: of the source, behind an attempt in which it changed
	pieced   bool      // it moved in segments
	since    time.Time // its last attempt began
	sum      *running  // of all its bytes, while they move; nil: nobody wants it
	inOne    bool      // Up: it was tried in segments in vain
	marked   bool      // Up, published together: its source stays open, and so its name is its own
	mark     *os.File  // that source, once it has arrived
	unsure   bool      // Up, published together: whether its rename was done is not known
	whole    bool      // Up, published together: it is complete under its temporary name
}

// load is what a worker takes at once: a group of small files that go the same
// way, or one big file.
type load struct {
	direction Direction
	tasks     []*task
	big       bool
	help      *segmented // in place of tasks: a file that others have begun
}

// queue is the work of a run that nobody has taken yet.
type queue struct {
	group      int   // files in a load of small ones
	groupBytes int64 // … and their bytes

	mu      sync.Mutex
	small   []*task       // by priority, then in the plan's order
	big     []*task       // by priority, then the biggest first
	taken   int           // loads under way
	ahead   int           // small files of those that nobody has begun
	heavy   int           // of them, big files
	open    []*segmented  // files under way that more sessions may help with
	idle    int           // sessions that wait for work
	sharers int           // sessions that the small files are shared with, at least: some are still on their way
	stopped bool          // nothing more is given out
	changed chan struct{} // closed at the next change
}

func newQueue(tasks []*task) *queue {
	q := &queue{group: groupFiles, groupBytes: groupBytes, changed: make(chan struct{})}
	for _, t := range tasks {
		if t.Size > smallFile {
			q.big = append(q.big, t)
		} else {
			q.small = append(q.small, t)
		}
	}
	slices.SortStableFunc(q.small, byPriority)
	slices.SortStableFunc(q.big, func(a, b *task) int {
		return cmp.Or(byPriority(a, b), cmp.Compare(b.Size, a.Size))
	})
	return q
}

// forget drops what has ended before its turn.
func (q *queue) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	ended := func(t *task) bool { return t.ended }
	q.small, q.big = slices.DeleteFunc(q.small, ended), slices.DeleteFunc(q.big, ended)
}

func byPriority(a, b *task) int { return cmp.Compare(b.Item.Priority, a.Item.Priority) }

// change wakes those who wait for work. q.mu is held.
func (q *queue) change() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// take waits for a load. ok is false when there is none and none will come.
// sessions is how many there are to share the work.
func (q *queue) take(ctx context.Context, sessions int) (l load, ok bool) {
	for {
		q.mu.Lock()
		l, ok = q.pick(sessions)
		over, changed := q.over(), q.changed
		if !ok && !over {
			q.idle++
		}
		q.mu.Unlock()
		if ok || over {
			return l, ok
		}
		ok = q.await(ctx, changed)
		if !ok {
			return l, false
		}
	}
}

// await waits for a change, and reports whether there was one.
func (q *queue) await(ctx context.Context, changed <-chan struct{}) (came bool) {
	select {
	case <-changed:
		came = true
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.idle--
	return came
}

// over reports that no load will come: none is left, and none that is under
// way can be given back.
func (q *queue) over() bool {
	return q.stopped || len(q.small)+len(q.big) == 0 && q.taken == 0
}

// pick takes the next load. With one session the plan's order holds; with
// more, up to half of them carry the big files, biggest first, so that none is
// left to begin when all else is done.
func (q *queue) pick(sessions int) (load, bool) {
	switch {
	case q.stopped:
		return load{}, false
	case len(q.small)+len(q.big) == 0:
		return q.pickHelp()
	case len(q.small) == 0, len(q.big) > 0 && q.bigFirst(sessions):
		return q.pickBig(sessions), true
	}
	return q.pickSmall(sessions), true
}

func (q *queue) bigFirst(sessions int) bool {
	b, s := q.big[0], q.small[0]
	if by := byPriority(b, s); by != 0 {
		return by < 0
	}
	if sessions == 1 {
		return q.firstBig().index < s.index
	}
	return q.heavy < sessions/2
}

// firstBig is the big file of the highest priority that stands first in the plan.
func (q *queue) firstBig() *task {
	return slices.MinFunc(q.big, func(a, b *task) int { return cmp.Or(byPriority(a, b), cmp.Compare(a.index, b.index)) })
}

func (q *queue) pickBig(sessions int) load {
	i := 0
	if sessions == 1 {
		i = slices.Index(q.big, q.firstBig())
	}
	t := q.big[i]
	q.big = slices.Delete(q.big, i, i+1)
	q.taken++
	q.heavy++
	return load{direction: t.Direction, tasks: []*task{t}, big: true}
}

// pickSmall takes a group: files of one direction, and no more than this
// session's share of all that is still to begin, so that all come to their end
// together.
func (q *queue) pickSmall(sessions int) load {
	most := q.group
	switch sharers := max(sessions, q.sharers); {
	case sharers > 1:
		most = min(most, (len(q.small)+q.ahead+sharers-1)/sharers)
	case len(q.big) > 0: // the plan's order
		next := q.firstBig()
		if i := slices.IndexFunc(q.small, func(t *task) bool { return t.index > next.index }); i > 0 {
			most = min(most, i)
		}
	}
	first := q.small[0]
	n, bytes := 0, int64(0)
	for n < len(q.small) && n < most && q.small[n].Direction == first.Direction && byPriority(q.small[n], first) == 0 {
		if bytes += max(q.small[n].Size, 0); n > 0 && bytes > q.groupBytes {
			break
		}
		n++
	}
	l := load{direction: first.Direction, tasks: slices.Clone(q.small[:n])}
	for _, t := range l.tasks {
		t.waits = true
	}
	q.small = q.small[n:]
	q.ahead += n
	q.taken++
	return l
}

// expect says how many sessions there will be at least, by what is known.
func (q *queue) expect(sessions int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sharers = sessions
}

// begun notes that a session has come to a file of its load.
func (q *queue) begun(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reached(t)
}

// reached takes a file out of those that are ahead. q.mu is held.
func (q *queue) reached(t *task) {
	if t.waits {
		t.waits = false
		q.ahead--
	}
}

// done ends a load. What of it is not done goes back to the front.
func (q *queue) done(l load) {
	if l.help != nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.taken--
	if l.big {
		q.heavy--
	}
	var back []*task
	for _, t := range l.tasks {
		q.reached(t)
		if !t.ended && !t.whole {
			back = append(back, t)
		}
	}
	if l.big {
		q.big = append(back, q.big...)
	} else {
		q.small = append(back, q.small...)
	}
	q.change()
}

// stop gives out nothing more.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.stopped {
		q.stopped = true
		q.change()
	}
}

// left is the work that nobody has taken.
func (q *queue) left() (files int, bytes int64, big int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return 0, 0, 0
	}
	for _, t := range q.small {
		bytes += max(t.Size, 0)
	}
	for _, t := range q.big {
		bytes += t.Size
	}
	return len(q.small) + len(q.big), bytes, len(q.big)
}
