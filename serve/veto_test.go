package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ferry/proto"
	"ferry/serve/live"
)

// An upload that is turned away was never there, and what stood in its place
// stays; one that nobody could look at is not taken either.
func TestVeto(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "old"), []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var seen []live.Event
	var told []live.Event
	examine := func(_ context.Context, e live.Event, file string) error {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		mu.Lock()
		seen = append(seen, e)
		mu.Unlock()
		switch {
		case strings.Contains(string(text), "virus"):
			return ErrRejected
		case strings.Contains(string(text), "riddle"):
			return errors.New("the scanner is not there")
		}
		return nil
	}
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		if r := p.upload("STOR bad", "a virus"); r.Code != proto.Refused || !strings.Contains(r.Text(), "Rejected") {
			t.Errorf("%v", r)
		}
		if r := p.upload("STOR old", "another virus"); r.Code != proto.Refused {
			t.Errorf("%v", r)
		}
		if r := p.upload("STOR odd", "a riddle"); r.Code != proto.LocalError || !strings.Contains(r.Text(), "examined") {
			t.Errorf("%v", r)
		}
		for _, name := range []string{"bad", "odd"} {
			p.do("SIZE "+name, 550) // not even a part
		}
		if r := p.upload("STOR good", "harmless"); r.Code != proto.TransferDone {
			t.Errorf("%v", r)
		}
		// what would be there before it could be looked at
		p.do("EPSV", 229)
		p.do("APPE good", 550)
		p.do("REST 3", 350)
		p.do("EPSV", 229)
		p.do("REST 3", 350)
		p.do("STOR good", 550)
		if r := p.upload("APPE new", "begins with APPE"); r.Code != proto.TransferDone {
			t.Errorf("%v", r)
		}
	}, func(cfg *Config) {
		cfg.Open, cfg.Examine, cfg.Fingerprints = Roots(dir), examine, true
		cfg.Observe = func(e live.Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == live.Upload {
				told = append(told, e)
			}
		}
	})
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if err != nil || strings.Join(names, " ") != "good new old" {
		t.Errorf("%q, %v", names, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "old")); err != nil || string(text) != "before" {
		t.Errorf("%q, %v", text, err)
	}
	if len(seen) != 5 || seen[0].User != "anna" || seen[0].Path != "/bad" || seen[0].Bytes != 7 || seen[0].Verb != "STOR" {
		t.Errorf("%+v", seen)
	}
	sum := sha256.Sum256([]byte("harmless"))
	want := map[string]string{"/bad": "", "/old": "", "/odd": "", "/good": hex.EncodeToString(sum[:])}
	for _, e := range told {
		if sum, ok := want[e.Path]; ok && e.SHA256 != sum && e.Code != 550 {
			t.Errorf("%+v, want %s", e, sum)
		}
	}
	if told[0].Outcome != live.Denied || told[2].Outcome != live.Failed || told[3].Outcome != live.Done {
		t.Errorf("%v %v %v", told[0].Outcome, told[2].Outcome, told[3].Outcome)
	}
}

// upload is store, whatever comes of it.
func (p *peer) upload(line, content string) proto.Reply {
	p.w.t.Helper()
	dc := p.passive()
	p.do(line, 150)
	if _, err := dc.Write([]byte(content)); err != nil {
		p.w.t.Fatal(err)
	}
	if err := dc.Close(); err != nil {
		p.w.t.Fatal(err)
	}
	r, err := p.ReadReply()
	if err != nil {
		p.w.t.Fatal(err)
	}
	return r
}

// ABOR ends the wait for an examination, and the upload with it.
func TestVetoAborted(t *testing.T) {
	dir := t.TempDir()
	inWorld(t, func(w *world) {
		p := w.login("anna")
		dc := p.passive()
		p.do("STOR f", 150)
		if _, err := dc.Write([]byte("text")); err != nil {
			t.Fatal(err)
		}
		if err := dc.Close(); err != nil {
			t.Fatal(err)
		}
		p.send("ABOR")
		p.expect(proto.TransferAborted)
		p.expect(proto.TransferDone)
	}, func(cfg *Config) {
		cfg.Open = Roots(dir)
		cfg.Examine = func(ctx context.Context, _ live.Event, _ string) error {
			<-ctx.Done()
			return ctx.Err()
		}
	})
	if _, err := os.Stat(filepath.Join(dir, "f")); err == nil {
		t.Error("the file is there")
	}
}

// Where nothing lies on a disk nothing can be shown, and nothing is taken.
func TestVetoWithoutDisk(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("EPSV", 229)
		p.do("STOR f", 550)
		p.do("SIZE f", 550)
	}, func(cfg *Config) {
		cfg.Examine = func(context.Context, live.Event, string) error { return nil }
	})
}
