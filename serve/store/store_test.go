package store_test

import (
	"testing"

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
