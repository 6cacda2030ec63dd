package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ferry/script/bulk"
)

// Storms in which the sources don't hold still either: what arrives is one of
// the versions that its source has had, as a whole, and in the end the last.
func TestStormsOverChangingFiles(t *testing.T) {
	changes, wrong := 0, 0
	for seed := range max(6, faultRuns(t)/4) {
		root, local := t.TempDir(), t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := &storm{rng: rand.New(rand.NewPCG(uint64(seed), 17)), chance: 0.05 * float64(seed%3), lies: 0.02 * float64(seed%4), twice: 0.01, blowing: true}
			h := newHarbour(t, root, local, s)
			tellSeed(t, seed)
			g := newGarden(t, h, seed)
			s.meddle = g.change
			h.season(g)
			changes, wrong = changes+g.changes, wrong+s.lied
		})
	}
	if t.Logf("%d changes, %d false replies", changes, wrong); changes == 0 || wrong == 0 {
		t.Error("all held still")
	}
}

// garden is a source that changes.
type garden struct {
	t        *testing.T
	d        bulk.Direction
	src, dst string
	mu       sync.Mutex
	rng      *rand.Rand
	names    []string
	versions map[string][]string // by name; the last is there
	changes  int
}

// control are names with characters that move a terminal's cursor.
func control() []string {
	return []string{"tab\there", "bell\a", "\x1b[31mred", "del\x7f", "\x01", "c1\u0085"}
}

func newGarden(t *testing.T, h *harbour, seed int) *garden {
	g := &garden{t: t, rng: rand.New(rand.NewPCG(uint64(seed), 19)), versions: map[string][]string{}}
	g.d, g.src, g.dst = bulk.Down, filepath.Join(h.root, "t"), filepath.Join(h.local, "t")
	if seed%2 == 1 {
		g.d, g.src, g.dst = bulk.Up, g.dst, g.src
	}
	for name, text := range cargo(t, g.rng, g.src) {
		g.versions[name] = []string{text}
		g.names = append(g.names, name)
	}
	slices.Sort(g.names)
	return g
}

// change gives one file another content and another time, at once, as editors
// do, or where it is, as logs do.
func (g *garden) change() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.changes++; g.changes > 40 {
		return
	}
	name := g.names[g.rng.IntN(len(g.names))]
	size := g.rng.IntN(100_000)
	text := (fmt.Sprintf("%d ", g.changes) + noise(size))[:size]
	if old := g.versions[name]; g.rng.IntN(2) == 0 && len(old[0]) > 8 { // of the same size
		text = (text + strings.Repeat("-", len(old[0])))[:len(old[0])]
	}
	g.versions[name] = append(g.versions[name], text)
	file, when := filepath.Join(g.src, name), time.Unix(2_600_000_000+int64(g.changes)*10, 0) // newer than all
	place := file
	if g.d == bulk.Down || g.rng.IntN(2) == 0 {
		place = filepath.Join(filepath.Dir(g.src), "next")
	} else { // whoever looks meanwhile sees what is there by then, which the file has had, too
		for n := 0; n < len(text); n += 4096 {
			all := g.versions[name]
			g.versions[name] = slices.Insert(all, len(all)-1, text[:n])
		}
	}
	if err := os.WriteFile(place, []byte(text), 0o666); err != nil {
		g.t.Error(err)
	}
	_ = os.Chtimes(place, when, when)
	if place != file {
		_ = os.Rename(place, file)
	}
}

// season is one run while all changes, its check, and one when it is over.
func (h *harbour) season(g *garden) {
	t := h.t
	report, err := h.move(g.d, bulk.Options{OnError: bulk.Continue})
	h.storm.clear()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, x := range report.Results {
		at := x.Item.Local
		if g.d == bulk.Up {
			at = filepath.Join(h.root, x.Item.Remote)
		}
		rel, _ := filepath.Rel(g.dst, at)
		got, rerr := os.ReadFile(at)
		if x.Kind == bulk.Done && (rerr != nil || !slices.Contains(g.versions[rel], string(got))) {
			t.Errorf("%q is reported as done, and no version has its %d bytes: %v", rel, len(got), rerr)
		}
		if x.Kind == bulk.Failed && err == nil {
			t.Errorf("%q failed, and there is no error", rel)
		}
	}
	for name, all := range g.versions {
		if got, err := os.ReadFile(filepath.Join(g.dst, name)); err == nil && !slices.Contains(all, string(got)) {
			t.Errorf("%q is torn: %d bytes", name, len(got))
		}
	}
	if report, err := h.move(g.d, bulk.Options{}); err != nil {
		t.Errorf("under a clear sky: %v %+v", err, report.Failed)
	}
	for name, all := range g.versions {
		if got, _ := os.ReadFile(filepath.Join(g.dst, name)); string(got) != all[len(all)-1] {
			t.Errorf("%q is not what it should be in the end: version %d of %d", name, slices.Index(all, string(got)), len(all))
		}
	}
	h.leftovers(g.dst)
}

// Names with control characters arrive as they are, or fail and say so; what
// lies beside them arrives.
func TestStormsOverControlCharacters(t *testing.T) {
	for seed := range 4 {
		root, local := t.TempDir(), t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := &storm{rng: rand.New(rand.NewPCG(uint64(seed), 23)), chance: 0.05, lies: 0.02, twice: 0.01, blowing: seed > 1}
			h := newHarbour(t, root, local, s)
			g := newGarden(t, h, seed)
			for _, name := range control() {
				if err := os.WriteFile(filepath.Join(g.src, name), []byte(name), 0o666); err != nil {
					t.Skip(err)
				}
			}
			_, _ = h.move(g.d, bulk.Options{OnError: bulk.Continue})
			h.storm.clear()
			report, err := h.move(g.d, bulk.Options{OnError: bulk.Continue})
			for name, all := range g.versions {
				if got, _ := os.ReadFile(filepath.Join(g.dst, name)); string(got) != all[0] {
					t.Errorf("%q has not arrived", name)
				}
			}
			for _, name := range control() {
				got, rerr := os.ReadFile(filepath.Join(g.dst, name))
				switch {
				case rerr == nil && string(got) != name:
					t.Errorf("%q has %q", name, got)
				case rerr != nil && err == nil:
					t.Errorf("%q is not there, and nobody says so: %+v", name, report)
				}
			}
		})
	}
}
