package store

import (
	"math"
	"slices"
	"sync"
)

// InUse knows which files are used by transfers. Files are known by device and
// inode where the system tells them, so that it does not matter by which name,
// link or root they were reached; else by path. The zero value is ready.
type InUse struct {
	mu      sync.Mutex
	held    map[fileID]int
	claimed map[fileID][]stretch
}

// stretch is bytes of a file: the first, and one behind the last. Whoever by is
// may write them twice at once, since it knows what it writes: somebody who sends
// a file over several sessions, one of which is slow, or lost and not given up
// here. "" shares with nobody.
type stretch struct {
	from, until int64
	by          string
}

// wholeFile are all bytes that a file may have.
func wholeFile() stretch { return stretch{until: math.MaxInt64} }

func (s stretch) meets(o stretch) bool {
	return s.from < o.until && o.from < s.until && (s.by == "" || s.by != o.by)
}

// fileID is a file's identity: dev and ino, or path alone.
type fileID struct {
	dev, ino uint64
	path     string // path on the host
}

// hold counts one more user; release one less.
func (u *InUse) hold(id fileID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.held == nil {
		u.held = make(map[fileID]int)
	}
	u.held[id]++
}

func (u *InUse) release(id fileID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.held[id]--; u.held[id] <= 0 {
		delete(u.held, id)
	}
}

// busy reports whether anybody holds one of the files.
func (u *InUse) busy(ids ...fileID) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, id := range ids {
		if u.held[id] > 0 {
			return true
		}
	}
	return false
}

// claim makes the caller the only writer of some bytes of a file; false when
// there is one.
func (u *InUse) claim(id fileID, at stretch) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if slices.ContainsFunc(u.claimed[id], at.meets) {
		return false
	}
	if u.claimed == nil {
		u.claimed = make(map[fileID][]stretch)
	}
	u.claimed[id] = append(u.claimed[id], at)
	return true
}

// taken reports whether somebody has claimed anything of the file.
func (u *InUse) taken(id fileID) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, taken := u.claimed[id]
	return taken
}

func (u *InUse) unclaim(id fileID, at stretch) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if i := slices.Index(u.claimed[id], at); i >= 0 {
		u.claimed[id] = slices.Delete(u.claimed[id], i, i+1)
	}
	if len(u.claimed[id]) == 0 {
		delete(u.claimed, id)
	}
}
