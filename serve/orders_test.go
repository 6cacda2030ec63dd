package serve

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ferry/serve/live"
)

// What was said to one process holds in the next, and in the one beside it; a
// drain only within its run.
func TestOrdersOutlastTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "orders")
	process := func(run string) (*Server, *orderBook) {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t)
		b := &orderBook{run: run, log: slog.New(slog.DiscardHandler), f: f}
		t.Cleanup(b.close)
		b.join(t.Context(), w.srv, false)
		return w.srv, b
	}
	first, old := process("one")
	limit, until := int64(1000), time.Now().Add(time.Hour).Round(0)
	for _, b := range []live.Ban{{Address: netip.MustParsePrefix("192.0.2.0/24"), Until: until}, {User: "eve"}, {User: "soon", Until: time.Now().Add(time.Hour)}} {
		if _, err := first.Ban(b); err != nil {
			t.Fatal(err)
		}
	}
	first.Unban(live.Ban{User: "soon"})
	if err := first.Limit(live.Limit{User: "ann", Down: &limit}); err != nil {
		t.Fatal(err)
	}
	if err := first.Drain("Back at noon.", time.Hour); err != nil {
		t.Fatal(err)
	}
	holds := func(srv *Server, drained bool) {
		t.Helper()
		bans, limits, rest := srv.Bans(), srv.Limits(), srv.steered.drained()
		if len(bans) != 2 || bans[0].User != "eve" || !bans[1].Until.Equal(until) || bans[1].Address.String() != "192.0.2.0/24" {
			t.Errorf("bans: %+v", bans)
		}
		if len(limits) != 1 || limits[0].User != "ann" || *limits[0].Down != limit {
			t.Errorf("limits: %+v", limits)
		}
		if (rest != nil) != drained || drained && (rest.Text != "Back at noon." || rest.Until.IsZero()) || srv.Stats().Draining != drained {
			t.Errorf("drain: %+v", rest)
		}
	}
	holds(first, true)
	next, book := process("one")
	holds(next, true)
	next.Resume()
	old.look(first)
	holds(first, false)
	if err := next.Drain("Back at noon.", time.Hour); err != nil {
		t.Fatal(err)
	}
	anew, _ := process("two")
	holds(anew, false)
	if _, err := anew.Ban(live.Ban{User: "dan"}); err != nil {
		t.Fatal(err)
	}
	if book.look(next); len(next.Bans()) != 3 {
		t.Errorf("the other process does not know of the ban: %+v", next.Bans())
	}
	if err := os.WriteFile(path, []byte(`{"bans":[{}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if book.look(next); len(next.Bans()) != 3 {
		t.Errorf("a broken file is obeyed: %+v", next.Bans())
	}
	if err := os.WriteFile(path, []byte(`{"bans":[{}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if book.look(next); len(next.Bans()) != 0 {
		t.Errorf("a ban of nobody bans everybody: %+v", next.Bans())
	}
}
