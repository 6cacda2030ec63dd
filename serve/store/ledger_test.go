package store

import (
	"bytes"
	"errors"
	"io/fs"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// meteredIn is a store with 100 bytes and 5 names, in a fresh directory.
func meteredIn(t *testing.T) (Store, *Disk, *Ledger) {
	t.Helper()
	disk, err := OpenDisk(t.TempDir(), DiskOptions{InUse: new(InUse)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { disk.Close() })
	d := disk.(*Disk)
	l := new(Ledger)
	return Metered(d, l, func() Allowance { return Allowance{Usage{100, 5}, 80} }), d, l
}

func put(t *testing.T, s Store, name string, n int, o CreateOptions) error {
	t.Helper()
	u, err := s.Create(t.Context(), name, o)
	if err != nil {
		return err
	}
	if _, err = u.Write(make([]byte, n)); err != nil {
		return errors.Join(err, u.Discard(t.Context()))
	}
	return u.Commit(t.Context())
}

// agrees checks the ledger against the disk.
func agrees(t *testing.T, d *Disk, l *Ledger, want Usage) {
	t.Helper()
	u, err := d.Usage(t.Context())
	if err != nil || u != want || l.Used() != want {
		t.Errorf("on disk %v (%v), in the ledger %v, want %v", u, err, l.Used(), want)
	}
}

func TestQuotaOfEachChange(t *testing.T) {
	s, d, l := meteredIn(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	over := func(err, want error) {
		t.Helper()
		if !errors.Is(err, want) || !errors.Is(err, ErrQuota) {
			t.Fatalf("got %v, want %v", err, want)
		}
	}
	must(put(t, s, "/a", 60, CreateOptions{}))
	agrees(t, d, l, Usage{60, 1})
	over(put(t, s, "/b", 41, CreateOptions{}), ErrQuota)
	agrees(t, d, l, Usage{60, 1}) // nothing of it was written, so there is no part
	must(put(t, s, "/b", 40, CreateOptions{}))
	agrees(t, d, l, Usage{100, 2})
	over(put(t, s, "/b", 1, CreateOptions{Append: true}), ErrQuota)
	over(put(t, s, "/a", 1, CreateOptions{}), ErrQuota) // both are there until it is replaced
	must(put(t, s, "/a", 60, CreateOptions{InPlace: true}))
	agrees(t, d, l, Usage{100, 2})
	must(s.Rename(t.Context(), "/b", "/a", Replace))
	agrees(t, d, l, Usage{40, 1})
	must(put(t, s, "/a", 30, CreateOptions{}))
	agrees(t, d, l, Usage{30, 1})
	must(put(t, s, "/a", 5, CreateOptions{Offset: 30}))
	agrees(t, d, l, Usage{35, 1})
	over(put(t, s, "/c", 81, CreateOptions{}), ErrTooLarge)
	over(put(t, s, "/c", 0, CreateOptions{Size: 81}), ErrTooLarge)
	over(put(t, s, "/c", 0, CreateOptions{Size: 66}), ErrQuota)
	for _, dir := range []string{"/1", "/2", "/3", "/4"} {
		must(s.Mkdir(t.Context(), dir))
	}
	over(s.Mkdir(t.Context(), "/5"), ErrQuota)
	over(put(t, s, "/5", 0, CreateOptions{}), ErrQuota)
	over(s.Symlink(t.Context(), "a", "/5"), ErrQuota)
	must(s.RemoveDir(t.Context(), "/4"))
	if err := s.Mkdir(t.Context(), "/3"); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	must(s.Symlink(t.Context(), "a", "/5"))
	must(s.Remove(t.Context(), "/5"))
	must(s.Remove(t.Context(), "/a"))
	agrees(t, d, l, Usage{0, 3})
	if n, err := s.Free(t.Context()); err != nil || n != 100 {
		t.Errorf("free: %d, %v", n, err)
	}
}

// A part counts, also when it is gone on with.
func TestQuotaCountsParts(t *testing.T) {
	s, d, l := meteredIn(t)
	u, err := s.Create(t.Context(), "/a", CreateOptions{Owner: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write(make([]byte, 70)); err != nil {
		t.Fatal(err)
	}
	if err := u.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
	agrees(t, d, l, Usage{70, 1})
	if err := put(t, s, "/b", 31, CreateOptions{}); !errors.Is(err, ErrQuota) {
		t.Fatal(err)
	}
	if err := put(t, s, "/a", 25, CreateOptions{Owner: "ann", Offset: 50}); err != nil {
		t.Fatal(err)
	}
	agrees(t, d, l, Usage{75, 1})
}

// What others remove is found before something is refused, but not looked for
// all the time.
func TestQuotaRecount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d, l := meteredIn(t)
		if err := put(t, s, "/a", 80, CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := d.Remove(t.Context(), "/a"); err != nil {
			t.Fatal(err)
		}
		if err := put(t, s, "/b", 30, CreateOptions{}); !errors.Is(err, ErrQuota) {
			t.Fatalf("counted too soon: %v", err)
		}
		time.Sleep(recount)
		if err := put(t, s, "/b", 30, CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		agrees(t, d, l, Usage{30, 1})
	})
}

// servers.md T24: at no instant is there more than allowed, however many
// uploads run at once, whatever each of them does.
func TestQuotaInParallel(t *testing.T) {
	s, d, l := meteredIn(t)
	var wg sync.WaitGroup
	var stop atomic.Bool
	watch := make(chan struct{})
	go func() {
		defer close(watch)
		for !stop.Load() {
			l.gate.Lock() // a walk tells one instant only while nothing moves
			u, err := d.Usage(t.Context())
			l.gate.Unlock()
			if err != nil || u.Bytes > 100 || u.Files > 5 {
				t.Errorf("on disk %v, %v", u, err)
				return
			}
		}
	}()
	for i := range 8 {
		wg.Go(func() {
			for n := range 60 {
				name := "/" + strconv.Itoa((i+n)%4)
				switch (i * n) % 5 {
				case 0:
					_ = s.Remove(t.Context(), name)
				case 1:
					_ = put(t, s, name, 7, CreateOptions{Append: true})
				case 2:
					_ = s.Rename(t.Context(), name, "/0", Replace)
				default:
					if u, err := s.Create(t.Context(), name, CreateOptions{Owner: strconv.Itoa(i)}); err == nil {
						_, err = u.Write(bytes.Repeat([]byte{1}, 20))
						if err != nil || n%7 == 0 {
							_ = u.Discard(t.Context())
						} else {
							_ = u.Commit(t.Context())
						}
					}
				}
			}
		})
	}
	wg.Wait()
	stop.Store(true)
	<-watch
	u, err := d.Usage(t.Context())
	if used := l.Used(); err != nil || used.Bytes < u.Bytes || used.Files < u.Files {
		t.Errorf("the ledger has %v, the disk %v, %v", used, u, err)
	}
}
