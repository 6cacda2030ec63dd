package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// sync brings both trees together and returns what is remembered.
func (r *rig) sync(base bulk.Base, prefer bulk.Prefer) (*bulk.Sync, bulk.Report, bulk.Base) {
	r.t.Helper()
	e := r.engine(bulk.Options{OnError: bulk.Continue})
	s, err := e.PlanSync(r.t.Context(), bulk.Item{Local: r.here("t"), Remote: "/t"}, base, prefer)
	if err != nil {
		r.t.Fatal(err)
	}
	report, err := e.Do(r.t.Context(), s.Plan)
	if err != nil {
		r.t.Fatal(err)
	}
	after, err := e.Remember(r.t.Context(), s, report)
	if err != nil {
		r.t.Fatal(err)
	}
	return s, report, after
}

// change writes a file that is older or newer than what was there.
func (r *rig) change(path, text string, age time.Duration) {
	r.t.Helper()
	r.write(path, text)
	when := time.Now().Add(-age).Truncate(time.Second)
	if err := os.Chtimes(path, when, when); err != nil {
		r.t.Fatal(err)
	}
}

// What was fetched is remembered though the server can't be looked at any more.
func TestSyncRemembersWithoutTheServer(t *testing.T) {
	r := newRig(t)
	r.plant(r.here("t"), "up", "1")
	r.plant(r.there("t"), "down", "22")
	e := r.engine(bulk.Options{})
	s, err := e.PlanSync(t.Context(), bulk.Item{Local: r.here("t"), Remote: "/t"}, nil, bulk.PreferNeither)
	if err != nil {
		t.Fatal(err)
	}
	report, err := e.Do(t.Context(), s.Plan)
	if err != nil {
		t.Fatal(err)
	}
	e.Client().Close()
	base, err := e.Remember(t.Context(), s, report)
	if err == nil || len(base) != 1 || base["down"].Size != 2 {
		t.Errorf("remembered: %v, %v", base, err)
	}
}

func TestSyncGoesBothWays(t *testing.T) {
	at := filepath.Join
	for name, c := range map[string]struct {
		change  func(r *rig, here, there string)
		prefer  bulk.Prefer
		here    string
		there   string // "": as here
		clashes string
	}{
		"nothing":        {change: func(*rig, string, string) {}, here: "a=1 b=2 d/ d/c=3"},
		"changed here":   {change: func(r *rig, h, _ string) { r.change(at(h, "a"), "new", 0) }, here: "a=new b=2 d/ d/c=3"},
		"changed there":  {change: func(r *rig, _, s string) { r.change(at(s, "a"), "new", 0) }, here: "a=new b=2 d/ d/c=3"},
		"older, there":   {change: func(r *rig, _, s string) { r.change(at(s, "a"), "x", 48*time.Hour) }, here: "a=x b=2 d/ d/c=3"},
		"one each":       {change: func(r *rig, h, s string) { r.change(at(h, "a"), "x", time.Hour); r.change(at(s, "b"), "y", time.Hour) }, here: "a=x b=y d/ d/c=3"},
		"new at both":    {change: func(r *rig, h, s string) { r.plant(h, "n/h", "1"); r.plant(s, "m/s", "2") }, here: "a=1 b=2 d/ d/c=3 m/ m/s=2 n/ n/h=1"},
		"removed here":   {change: func(r *rig, h, _ string) { os.Remove(at(h, "a")) }, here: "b=2 d/ d/c=3"},
		"removed there":  {change: func(r *rig, _, s string) { os.RemoveAll(at(s, "d")) }, here: "a=1 b=2"},
		"tree went here": {change: func(r *rig, h, _ string) { os.RemoveAll(at(h, "d")) }, here: "a=1 b=2"},
		"tree went, but something is new in it": {
			change: func(r *rig, h, s string) { os.RemoveAll(at(h, "d")); r.plant(s, "d/new", "n") }, here: "a=1 b=2 d/ d/new=n"},
		"same change at both": {change: func(r *rig, h, s string) { r.change(at(h, "a"), "z", 0); r.change(at(s, "a"), "z", time.Hour) }, here: "a=z b=2 d/ d/c=3"},
		"clash": {change: func(r *rig, h, s string) { r.change(at(h, "a"), "x", 0); r.change(at(s, "a"), "yy", 0) },
			here: "a=x b=2 d/ d/c=3", there: "a=yy b=2 d/ d/c=3", clashes: "a"},
		"clash, newer wins": {change: func(r *rig, h, s string) { r.change(at(h, "a"), "x", time.Hour); r.change(at(s, "a"), "yy", 0) },
			prefer: bulk.PreferNewer, here: "a=yy b=2 d/ d/c=3"},
		"clash, here wins": {change: func(r *rig, h, s string) { r.change(at(h, "a"), "x", time.Hour); r.change(at(s, "a"), "yy", 0) },
			prefer: bulk.PreferLocal, here: "a=x b=2 d/ d/c=3"},
		"changed and removed": {change: func(r *rig, h, s string) { r.change(at(h, "a"), "x", 0); os.Remove(at(s, "a")) },
			here: "a=x b=2 d/ d/c=3", there: "b=2 d/ d/c=3", clashes: "a"},
		"removed at both": {change: func(r *rig, h, s string) { os.Remove(at(h, "a")); os.Remove(at(s, "a")) }, here: "b=2 d/ d/c=3"},
		"a file became a directory": {change: func(r *rig, h, s string) { os.Remove(at(h, "a")); r.plant(h, "a/in", "x") },
			here: "a/ a/in=x b=2 d/ d/c=3", there: "a=1 b=2 d/ d/c=3", clashes: "a"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			here, there := r.here("t"), r.there("t")
			r.plant(here, "a", "1", "d/c", "3")
			r.plant(there, "b", "2")
			_, _, base := r.sync(nil, bulk.PreferNeither)
			if got := r.tree(here) + "|" + r.tree(there); got != "a=1 b=2 d/ d/c=3|a=1 b=2 d/ d/c=3" {
				t.Fatalf("the first: %s", got)
			}
			c.change(r, here, there)
			s, _, after := r.sync(base, c.prefer)
			if c.there == "" {
				c.there = c.here
			}
			if got := r.tree(here); got != c.here {
				t.Errorf("here:  %s\nwant   %s", got, c.here)
			}
			if got := r.tree(there); got != c.there {
				t.Errorf("there: %s\nwant   %s", got, c.there)
			}
			if got := strings.Join(s.Clashes, " "); got != c.clashes {
				t.Errorf("clashes: %q", got)
			}
			again, report, _ := r.sync(after, bulk.PreferNeither)
			if n := report.Done + report.Deleted; n > 0 || !slices.Equal(again.Clashes, s.Clashes) && c.prefer == bulk.PreferNeither {
				t.Errorf("not settled: %+v, clashes %v", report, again.Clashes)
			}
		})
	}
}

// An end that has vanished as a whole is not a wish to delete the other.
func TestSyncOfAVanishedTree(t *testing.T) {
	r := newRig(t)
	r.plant(r.here("t"), "a", "1", "b", "2")
	_, _, base := r.sync(nil, bulk.PreferNeither)
	_ = os.RemoveAll(r.there("t"))
	_, err := r.engine(bulk.Options{}).PlanSync(t.Context(), bulk.Item{Local: r.here("t"), Remote: "/t"}, base, bulk.PreferNeither)
	if err == nil || !strings.Contains(err.Error(), "is gone") {
		t.Errorf("%v", err)
	}
	if got := r.tree(r.here("t")); got != "a=1 b=2" {
		t.Error(got)
	}
}

// A sync that ended before it could remember what it sent, at a server that keeps
// no times and has no checksums: files that are the same are found to be the same,
// and one that isn't is told.
func TestSyncReadsWhatNothingElseTells(t *testing.T) {
	r := newRig(t)
	c, err := client.Dial(t.Context(), "server", client.Config{Network: r.net, Features: proto.Features{"SIZE": "", "EPSV": ""}})
	if err == nil {
		err = c.Login(t.Context(), client.Credentials{User: "u", Pass: "p"})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r.client = c
	r.plant(r.here("t"), "same", "")
	r.plant(r.there("t"), "same", "")
	for name, text := range map[string]string{"same": "12345", "none": "", "other": "12345"} {
		r.change(r.here("t/"+name), text, 48*time.Hour)
		if name == "other" {
			text = "12354"
		}
		r.change(r.there("t/"+name), text, time.Hour)
	}
	s, _, base := r.sync(nil, bulk.PreferNeither)
	if want := []string{"other"}; !slices.Equal(s.Clashes, want) {
		t.Errorf("clashes: %q, want %q", s.Clashes, want)
	}
	if len(base) != 2 || base["same"].Size != 5 {
		t.Errorf("remembered: %v", base)
	}
	if got := r.read(r.there("t/other")); got != "12354" {
		t.Errorf("the file that differs became %q", got)
	}
}
