package serve

import (
	"context"
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

// summed notes the sum of all of a file, if nothing has been written since it had
// so many ranges.
func (g *gathered) summed(key gatheredKey, ranges int, sum string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.files[key]; f != nil && f.ranges == ranges {
		f.e.SHA256 = sum
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
