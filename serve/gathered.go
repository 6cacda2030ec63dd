package serve

import (
	"context"
	"encoding/hex"
	"hash"
	"sync"

	"ferry/serve/live"
)

// A file that several sessions put together under a temporary name (spread.go) is
// one upload to whoever is told of uploads, and not one a range: it is told when
// one of them renames it, with the size that it has then, or under the temporary
// name when it is deleted or the last of them has gone.

// gathered are the uploads of a server that come in ranges. Any goroutine may use it.
type gathered struct {
	mu    sync.Mutex
	files map[gatheredKey]*gatheredFile
}

// gatheredKey is a file as one user sees it.
type gatheredKey struct{ root, user, path string }

type gatheredFile struct {
	e      live.Event            // of the first range, with the bytes of all
	by     map[*session]struct{} // who has written to it, and is still there
	ranges int                   // that have ended
	sum    runningSum
}

// runningSum is the SHA-256 of the first bytes of a file, while those who put it
// together ask for the sums of its pieces, one behind the other.
type runningSum struct {
	h      hash.Hash
	upTo   int64
	ranges int // that had ended when it began; what comes later it does not know of
}

func (s *session) gatheredKey(path string) gatheredKey {
	return gatheredKey{s.root, s.user.Name, path}
}

// gather keeps the event of a range. It reports whether it does: what fails
// before anything has come is told.
func (s *session) gather(e live.Event) bool {
	g, key := &s.srv.gathered, s.gatheredKey(e.Path)
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.files[key]
	switch {
	case f != nil:
		f.e.Bytes += e.Bytes
		f.e.Took = max(f.e.Took, e.Took)
	case !e.OK() || !temporary(e.Path) || len(g.files) >= maxGathered:
		return false
	default:
		if g.files == nil {
			g.files = map[gatheredKey]*gatheredFile{}
		}
		f = &gatheredFile{e: e, by: map[*session]struct{}{}}
		g.files[key] = f
	}
	f.by[s] = struct{}{}
	f.ranges++
	f.e.SHA256 = "" // of what was there before
	return true
}

// gathers is how many ranges of a file have ended; 0: none is waited for.
func (g *gathered) gathers(key gatheredKey) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.files[key]; f != nil {
		return f.ranges
	}
	return 0
}

// goOn takes the sum of what stands before a piece; nil when nobody has it. One at
// a time goes on with it.
func (g *gathered) goOn(key gatheredKey, from int64, ranges int) (h hash.Hash) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.files[key]; f != nil && f.sum.upTo == from && f.sum.ranges == ranges {
		h, f.sum.h = f.sum.h, nil
	}
	return h
}

// summed notes the sum of the first bytes of a file of a size, if nothing has been
// written since it had so many ranges.
func (g *gathered) summed(key gatheredKey, sum runningSum, size int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.files[key]
	if f == nil || f.ranges != sum.ranges {
		return
	}
	if f.sum = sum; sum.upTo == size {
		f.e.SHA256 = hex.EncodeToString(sum.h.Sum(nil))
	}
}

// spill tells of a file that was gathered, under the name that it has now.
func (s *session) spill(was, is string) {
	g, key := &s.srv.gathered, s.gatheredKey(was)
	g.mu.Lock()
	f := g.files[key]
	delete(g.files, key)
	g.mu.Unlock()
	if f == nil {
		return
	}
	if entry, err := s.store.Stat(context.Background(), is); err == nil {
		f.e.Bytes = entry.Size
	}
	f.e.Path = is
	s.srv.tell(f.e)
}

// spillAll tells of what this session was the last to write to.
func (s *session) spillAll() {
	g := &s.srv.gathered
	g.mu.Lock()
	var last []live.Event
	for key, f := range g.files {
		if _, mine := f.by[s]; !mine {
			continue
		}
		if delete(f.by, s); len(f.by) == 0 {
			last = append(last, f.e)
			delete(g.files, key)
		}
	}
	g.mu.Unlock()
	for _, e := range last {
		s.srv.tell(e)
	}
}
