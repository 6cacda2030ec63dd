package bulk

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// segment is a stretch of a file that one session fetches. Its end may come
// nearer while it does.
type segment struct {
	f      *segmented
	since  time.Time
	check  []byte // what is there already of its first bytes
	probe  client.Probe
	*brake // Up: of the run's rates

	from, at, end int64   // guarded by f.mu; at is the next byte to be written
	seen          int64   // at, at the last turn
	turns         int     // since its first byte
	rate          float64 // of late, bytes a second
}

// take gives a session something to fetch. Without it changed tells when there
// may be; whole: there is nothing missing any more.
func (f *segmented) take() (s *segment, changed <-chan struct{}, whole bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil || f.closed {
		return nil, f.changed, false
	}
	if s = f.share(); s == nil {
		return nil, f.changed, f.whole()
	}
	var err error
	if s.check, err = f.known(s); err != nil {
		f.err = &client.LocalError{Err: err}
		f.end(f.err) // whoever waits for a change would wait for ever
		return nil, f.changed, false
	}
	f.active[s] = struct{}{}
	return s, nil, false
}

// split cuts what is missing as a whole into as many parts as there are
// sessions. f.mu is held.
func (f *segmented) split(n int) {
	if len(f.gaps) != 1 {
		return
	}
	g := f.gaps[0]
	part := max(g.size()/int64(n), stealBytes)
	f.gaps = nil
	for at := g[0]; at < g[1]; {
		end := at + part
		if g[1]-end < part {
			end = g[1]
		}
		f.gaps = append(f.gaps, span{at, end})
		at = end
	}
}

// whole reports whether all bytes are there, and none behind them: only at its
// end shows a file that is longer than was said. f.mu is held.
func (f *segmented) whole() bool {
	for s := range f.active {
		if s.at < s.end || s.end == f.size || f.src != nil { // until the server has said so
			return false
		}
	}
	return len(f.gaps) == 0
}

// share is the largest gap, else half of what would take longest. f.mu is held.
func (f *segmented) share() *segment {
	if len(f.gaps) > 0 {
		i := 0
		for j, g := range f.gaps {
			if g.size() > f.gaps[i].size() {
				i = j
			}
		}
		g := f.gaps[i]
		f.gaps = slices.Delete(f.gaps, i, i+1)
		if f.src != nil && g.size() > maxRange+stealBytes { // what a lost session costs is bounded
			f.gaps = append(f.gaps, span{g[0] + maxRange, g[1]})
			g[1] = g[0] + maxRange
		}
		return f.segment(g)
	}
	victim, took := f.slowest()
	if victim == nil {
		return nil
	}
	// Both are to end together, and the newcomer has its begin before it.
	share := float64(took-f.warmUp()) / float64(2*took)
	mid := victim.end - max(int64(float64(victim.end-victim.at)*share), f.worth())
	s := f.segment(span{mid, victim.end})
	victim.end = mid
	return s
}

// warmUp is how long a new segment brings next to nothing: until its data
// connection stands, and while it feels its way into a line that others use.
// Where losses are the line's own, none is slower for the others, and a new one
// is faster than those that have lost something.
func (f *segmented) warmUp() time.Duration {
	if f.losing {
		return f.begins
	}
	return stealTime + 4*f.begins
}

// worth is the least that is left of each half when a segment is shared.
func (f *segmented) worth() int64 {
	if f.losing {
		return segmentWrite
	}
	return stealBytes
}

func (f *segmented) segment(g span) *segment {
	return &segment{f: f, from: g[0], at: g[0], seen: g[0], end: g[1], since: time.Now()}
}

// slowest is the segment that will take longest, if it is worth sharing.
// f.mu is held.
func (f *segmented) slowest() (victim *segment, longest time.Duration) {
	for s := range f.active {
		left := s.end - s.at
		if left < 2*f.worth() {
			continue
		}
		took := s.takes(left)
		if 2*took >= 3*f.warmUp() && (victim == nil || took > longest || took == longest && left > victim.end-victim.at) {
			victim, longest = s, took
		}
	}
	return victim, longest
}

// takes estimates how long so many bytes of a segment take. One that has hardly
// begun will be as fast as the others on average.
func (s *segment) takes(bytes int64) time.Duration {
	rate := s.rate
	if s.turns < warmTurns {
		rate = s.f.rate / float64(max(1, len(s.f.active)))
	}
	if rate <= 0 {
		return 1<<62 - 1
	}
	return time.Duration(float64(bytes) / rate * float64(time.Second))
}

// clock notes how fast each segment is by now.
func (f *segmented) clock(turn time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rate = 0
	for s := range f.active {
		now := float64(s.at-s.seen) / turn.Seconds()
		s.seen = s.at
		if s.at == s.from {
			continue
		}
		s.turns++
		s.rate += (now - s.rate) * 0.4
		f.rate += s.rate
	}
}

// known is what an earlier attempt has brought of a segment's first bytes: it
// is fetched again, and compared.
func (f *segmented) known(s *segment) ([]byte, error) {
	if f.src != nil {
		return nil, nil
	}
	n := min(f.part.spans.behind(s.from), s.end-s.from, overlap)
	if n == 0 {
		return nil, nil
	}
	text := make([]byte, n)
	_, err := f.part.ReadAt(text, s.from)
	return text, err
}

// fetch brings a segment, or as much of it as others have left to it.
func (f *segmented) fetch(w *worker, s *segment) error {
	f.mu.Lock()
	to := s.end
	f.mu.Unlock()
	if to == f.size {
		to = 0 // a file that has grown shows
	}
	var dst io.Writer = s
	if b := w.brake(f.life); b != nil {
		dst = b.writer(dst)
	}
	var last proto.Reply
	how := client.Transfer{Probe: &s.probe, Last: &last}
	_, err := w.client.RetrieveSpan(f.life, f.t.Item.Remote, client.Span{From: s.from, To: to}, dst, how)
	return f.settle(s, last, err)
}

// settle ends a segment. What it did not bring is there for others. Whatever
// the end was like, the bytes count.
func (f *segmented) settle(s *segment, last proto.Reply, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	// What is said of a download that was cut short tells nothing of the file; and
	// behind the file's end its result is not ours any more.
	if last.Code.Class() == proto.Done && !f.closed {
		f.t.result.Reply = last
	}
	delete(f.active, s)
	f.have = f.have.add(span{s.from, s.at})
	defer f.change()
	spoilt := errors.Is(err, errChanged) || errors.Is(err, ErrChanged) // such as one that is longer than it was
	if s.at >= s.end && !spoilt {
		return nil
	}
	if s.at < s.end {
		f.gaps = append(f.gaps, span{s.at, s.end})
	}
	if err == nil {
		err = &client.SizeError{Path: f.t.Item.Remote, Got: s.at, Want: s.end, By: "the segments"}
	}
	return err
}

// Write puts what came where it belongs. Behind its end it takes a few bytes
// for a seam, and then wants no more.
func (s *segment) Write(p []byte) (taken int, err error) {
	for len(p) > 0 {
		at, room, err := s.begin()
		if err != nil {
			return taken, err
		}
		if room == 0 {
			err := s.beyond(at, p)
			s.f.writes.Done() // not before: a seam is read when all writes are over
			return taken, err
		}
		n, err := s.put(p[:min(int64(len(p)), room, segmentWrite)], at)
		s.advance(n)
		taken, p = taken+n, p[n:]
		if err != nil {
			return taken, err
		}
	}
	return taken, nil
}

// begin opens a write, unless nothing may be written any more.
func (s *segment) begin() (at, room int64, err error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if s.f.closed {
		return 0, 0, client.ErrEnough
	}
	s.f.writes.Add(1)
	return s.at, s.end - s.at, nil
}

// put writes, and first compares with what is there already.
func (s *segment) put(p []byte, at int64) (int, error) {
	n := min(len(p), len(s.check))
	if string(p[:n]) != string(s.check[:n]) {
		return 0, errChanged
	}
	s.check = s.check[n:]
	m, err := s.f.part.WriteAt(p[n:], at+int64(n))
	return n + m, err
}

func (s *segment) advance(n int) {
	s.f.mu.Lock()
	if s.at == s.from {
		s.f.begins = min(s.f.begins, s.elapsed())
	}
	s.at += int64(n)
	s.f.mu.Unlock()
	s.f.moved.Add(int64(n))
	s.f.writes.Done()
}

// beyond is what came behind the end.
func (s *segment) beyond(at int64, p []byte) error {
	if at == s.f.size {
		return fmt.Errorf("it is longer than it was: %w", ErrChanged)
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.f.seams = append(s.f.seams, newSeam(at, p[:min(len(p), seamBytes)]))
	return client.ErrEnough
}
