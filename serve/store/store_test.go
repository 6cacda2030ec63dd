package store_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"ferry/serve/store"
	"ferry/serve/store/storetest"
)

func newDisk(t *testing.T) store.Store {
	s, err := store.NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newMem(*testing.T) store.Store { return store.NewMemSized(64 << 20) }

func TestDisk(t *testing.T) { storetest.Run(t, newDisk) }

func TestMem(t *testing.T) { storetest.Run(t, newMem) }

func TestReadOnly(t *testing.T) {
	t.Run("disk", func(t *testing.T) { storetest.RunReadOnly(t, newDisk(t), store.ReadOnly) })
	t.Run("mem", func(t *testing.T) { storetest.RunReadOnly(t, newMem(t), store.ReadOnly) })
}

// TestMemExpiry: parts in memory vanish after a day, too, and give their space
// back.
func TestMemExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store.NewMemSized(10)
		u, err := s.Create(t.Context(), "/f", store.CreateOptions{Owner: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.Write([]byte("12345678")); err != nil {
			t.Fatal(err)
		}
		if _, err := u.Write([]byte("abc")); !errors.Is(err, store.ErrNoSpace) {
			t.Errorf("beyond the limit: %v", err)
		}
		u.Discard(t.Context())
		time.Sleep(23 * time.Hour)
		if n, err := s.Part(t.Context(), "/f", "ann"); n != 8 || err != nil {
			t.Errorf("after 23 hours: %d, %v", n, err)
		}
		time.Sleep(2 * time.Hour)
		if _, err := s.Part(t.Context(), "/f", "ann"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after 25 hours: %v", err)
		}
		if n, err := s.Free(t.Context()); n != 10 || err != nil {
			t.Errorf("free %d, %v", n, err)
		}
	})
}
