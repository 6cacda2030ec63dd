package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/proto"
	"ferry/script/bulk"
)

// foreign is what servers tell of themselves that know no more than most.
func foreign() proto.Features { return proto.Features{"SIZE": "", "MDTM": "", "EPSV": ""} }

// The same tree fetched twice at once, to the same place: whatever one of the
// runs says is done is whole then, whoever still writes.
func TestSameDownloadTwiceAtOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("parts are not marked there")
	}
	for _, c := range []struct{ files, size int }{{1, 600_000}, {1, 5 << 20}, {5, 40_000}} {
		calm(t, func(h *harbour) {
			h.plant(h.root, c.files, c.size)
			h.features = foreign()
			var both sync.WaitGroup
			for i := range 2 {
				both.Go(func() {
					time.Sleep(time.Duration(i*c.files*c.size/2) * time.Microsecond)
					o := bulk.Options{Sessions: 1, Segments: 1 + c.size>>21, Rates: []*bulk.Rate{bulk.NewRate(1_000_000)}}
					report, err := h.move(bulk.Down, o)
					if err != nil || report.Done != c.files {
						t.Errorf("%d of %d: %v", report.Done, c.files, err)
					}
					h.same(h.local, c.files, c.size)
				})
			}
			both.Wait()
			dir, _ := os.ReadDir(filepath.Join(h.local, "t"))
			if len(dir) != c.files {
				t.Errorf("%d names for %d files", len(dir), c.files)
			}
		})
	}
}

// same looks whether all that plant has planted is below dir.
func (h *harbour) same(dir string, n, size int) {
	h.t.Helper()
	for i := range n {
		got, err := os.ReadFile(filepath.Join(dir, "t", fmt.Sprintf("f%03d", i)))
		if err != nil || string(got) != noise(size)[:size] {
			h.t.Errorf("file %d has %d of %d bytes, or others: %v", i, len(got), size, err)
		}
	}
}

// A server that says 250 to RNTO and renames nothing is caught with the first
// file, also where no file had the name before: none is lost, and none is left
// under another name.
func TestRenamesThatAreOnlySaid(t *testing.T) {
	rnto := regexp.MustCompile(`^RNTO [^\r]*`)
	for _, c := range []struct{ files, size int }{{1, 600_000}, {5, 1000}} {
		for _, together := range []bulk.Publish{bulk.Each, bulk.Together} {
			calm(t, func(h *harbour) {
				h.plant(h.local, c.files, c.size)
				h.features = foreign()
				h.tap(func(line string) string { return rnto.ReplaceAllString(line, "CWD /") }) // 250, too
				report, err := h.move(bulk.Up, bulk.Options{Publish: together, OnError: bulk.Continue})
				if together == bulk.Together { // there is no other way
					if err == nil || report.Done > 0 {
						t.Errorf("%d files published: %v", report.Done, err)
					}
					return
				}
				if err != nil || report.Done != c.files {
					t.Errorf("%d of %d: %v", report.Done, c.files, err)
				}
				h.same(h.root, c.files, c.size)
				if left, _ := filepath.Glob(filepath.Join(h.root, "t", ".ferry-*")); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		}
	}
}

// Files that are published together, and a connection that is lost between
// their renames: those that have their names are not taken for lost, and the
// others get theirs.
func TestPublishTogetherCutBetweenRenames(t *testing.T) {
	for _, reply := range []string{"421 Going down", "450 Busy"} {
		for at := range 3 {
			calm(t, func(h *harbour) {
				h.plant(h.local, 6, 1000)
				h.plant(h.root, 6, 900)
				h.features = foreign()
				l := &liar{Network: h.storm.Network, code: []string{"250 ", "250 ", "350 "}[at], with: reply}
				h.storm.Network = l
				renames := 0
				h.trace = func(from proto.Direction, line string) {
					if from == proto.FromClient && strings.HasPrefix(line, "RNTO") {
						if renames++; renames == 1+2*at { // the first goes by itself
							l.mu.Lock()
							l.times = 1
							l.mu.Unlock()
						}
					}
				}
				report, err := h.move(bulk.Up, bulk.Options{Publish: bulk.Together, OnError: bulk.Continue, Sessions: 1})
				if err != nil || report.Done != 6 {
					t.Errorf("%s %d: %d of 6: %v: %+v", reply, at, report.Done, err, report.Results)
				}
				h.same(h.root, 6, 1000)
			})
		}
	}
}
