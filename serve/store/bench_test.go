package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkUpload is one small file: created, written, committed.
func BenchmarkUpload(b *testing.B) {
	text := make([]byte, 4<<10)
	ctx := context.Background()
	upload := func(b *testing.B, s Store, name string) {
		u, err := s.Create(ctx, name, CreateOptions{Owner: "ann"})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := u.Write(text); err != nil {
			b.Fatal(err)
		}
		if err := u.Commit(ctx); err != nil {
			b.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		sync SyncPolicy
	}{{"system", SyncSystem}, {"disk", SyncDisk}} {
		s, err := OpenDisk(b.TempDir(), DiskOptions{Sync: c.sync})
		if err != nil {
			b.Fatal(err)
		}
		s.Mkdir(ctx, "/d")
		b.Run("new/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				upload(b, s, fmt.Sprintf("/d/f%d", i))
			}
		})
		b.Run("replace/"+c.name, func(b *testing.B) {
			for b.Loop() {
				upload(b, s, "/d/same")
			}
		})
	}
	// The floor: the least that the system asks for the same.
	b.Run("floor", func(b *testing.B) {
		dir := b.TempDir()
		for i := 0; b.Loop(); i++ {
			name := filepath.Join(dir, fmt.Sprint("f", i))
			if err := os.WriteFile(name+".part", text, 0o666); err != nil {
				b.Fatal(err)
			}
			if err := os.Rename(name+".part", name); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkList is a directory of 10,000 files.
func BenchmarkList(b *testing.B) {
	dir := b.TempDir()
	for i := range 10000 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("f", i)), nil, 0o666); err != nil {
			b.Fatal(err)
		}
	}
	s, err := NewDisk(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range s.List(context.Background(), "/") {
			if n++; err != nil {
				b.Fatal(err)
			}
		}
		if n != 10000 {
			b.Fatal(n)
		}
	}
}
