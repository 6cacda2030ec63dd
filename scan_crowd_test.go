package main

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// Where each directory costs round trips of its own, several sessions list a tree.
// What they find is all of it, also when some of them break.
func TestScanOverSessions(t *testing.T) {
	for seed := range 8 {
		root, local := t.TempDir(), t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := &storm{rng: rand.New(rand.NewPCG(uint64(seed), 37)), chance: 0.3, blowing: seed > 1}
			h := newHarbour(t, root, local, s)
			h.features, h.lists = proto.Features{"SIZE": "", "MDTM": "", "EPSV": ""}, client.ListsByLIST
			want := sixty(t, filepath.Join(root, "t"))
			first, err := h.dial(t.Context())
			for err != nil {
				first, err = h.dial(t.Context())
			}
			var dials atomic.Int32
			dial := func(ctx context.Context) (*client.Client, error) {
				dials.Add(1)
				return h.dial(ctx)
			}
			o := bulk.Options{Dial: dial, Recursive: bulk.Trees, Sessions: 4, OnError: bulk.Continue}
			if seed == 1 {
				o.Sessions = 1
			}
			e := bulk.New(first, o)
			plan, err := e.PlanDownload(t.Context(), []bulk.Item{{Local: filepath.Join(local, "t"), Remote: "/t"}})
			e.Client().Close()
			rejected := 0
			for _, step := range plan.Steps {
				if step.Action == bulk.Reject {
					rejected++
				}
			}
			if err == nil && rejected == 0 && plan.Files != len(want) {
				t.Errorf("seed %d: %d files of %d", seed, plan.Files, len(want))
			}
			if more := []int32{3, 0}; seed < len(more) && (err != nil || dials.Load() != more[seed]) {
				t.Errorf("seed %d: %d more sessions, want %d: %v", seed, dials.Load(), more[seed], err)
			}
		})
	}
}
