package bulk

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A small file's part has no record, and what an earlier run has left of one
// does not speak of it.
func TestBarePart(t *testing.T) {
	target := filepath.Join(t.TempDir(), "a")
	now := record{Source: "host/a", Size: 5, Time: time.Unix(1_700_000_000, 0)}
	old, err := openPart(target, now)
	if err != nil {
		t.Fatal(err)
	}
	old.Close()
	p, err := barePart(target, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readRecord(p.path); !os.IsNotExist(err) {
		t.Errorf("the earlier record is there: %v", err)
	}
	if _, err := p.WriteString("hello"); err != nil {
		t.Fatal(err)
	}
	if err := p.commit(target, 0, now.Time); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Dir(target))
	if text, rerr := os.ReadFile(target); rerr != nil || string(text) != "hello" || err != nil || len(left) != 1 {
		t.Errorf("%q, %v; beside it %v, %v", text, rerr, left, err)
	}
}
