package main

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/serve"
	"ferry/serve/store"
	"ferry/serve/users"
)

// What a storm does to the two ends, and not to the network: the server dies as by
// kill -9, with all that it had in hand, and comes back with nothing but its disk;
// a disk fills up. Both happen while data flow, at places that the seed chooses.

// server is one life of the harbour's server.
type life struct {
	srv  *serve.Server
	ln   net.Listener
	over chan struct{} // closed when it has been killed
	ends sync.WaitGroup
}

// live starts a server. Whatever it does to its files ends with its life.
func (h *harbour) live() {
	l := &life{over: make(chan struct{})}
	open := h.open(h.root)
	srv, err := serve.New(serve.Config{
		Network: h.host, Users: users.Any(), TLS: h.crypt,
		Open: func(ctx context.Context, who users.Record) (store.Store, error) {
			st, err := open(ctx, who)
			if err != nil || h.storm.kills == nil {
				return st, err
			}
			return &mortal{Store: st, over: l.over}, nil
		},
	})
	if err != nil {
		h.t.Error(err)
		return
	}
	if l.ln, err = h.host.Listen(context.Background(), "tcp", h.addr); err != nil {
		h.t.Error(err)
		return
	}
	l.srv = srv
	l.ends.Go(func() { _ = srv.Serve(context.Background(), l.ln) })
	h.mu.Lock()
	h.lives = append(h.lives, l)
	h.mu.Unlock()
}

// kill ends the server between two of its system calls. Its clients learn it from
// the storm, which has cut them off.
func (h *harbour) kill(cut func()) {
	h.mu.Lock()
	l := h.lives[len(h.lives)-1]
	h.mu.Unlock()
	close(l.over)
	cut()
	l.ln.Close()
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	l.ends.Go(func() { _ = l.srv.Shutdown(gone) })
	h.live()
}

// killed is how often that was.
func (h *harbour) killed() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.lives) - 1
}

// dead waits for the end of all servers.
func (h *harbour) dead() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.lives {
		_ = l.srv.Shutdown(context.Background())
		l.ends.Wait()
	}
}

var errKilled = errors.New("the server was killed")

// mortal is a store that does nothing any more once its server is dead.
type mortal struct {
	store.Store
	over chan struct{}
}

func (m *mortal) dead() bool {
	select {
	case <-m.over:
		return true
	default:
		return false
	}
}

// do is something that a dead server doesn't.
func (m *mortal) do(f func() error) error {
	if m.dead() {
		return errKilled
	}
	return f()
}

func (m *mortal) Create(ctx context.Context, name string, o store.CreateOptions) (u store.Upload, err error) {
	err = m.do(func() error { u, err = m.Store.Create(ctx, name, o); return err })
	if err != nil {
		return nil, err
	}
	return &mortalUpload{u, m, sync.Once{}}, nil
}

func (m *mortal) Mkdir(ctx context.Context, name string) error {
	return m.do(func() error { return m.Store.Mkdir(ctx, name) })
}

func (m *mortal) Remove(ctx context.Context, name string) error {
	return m.do(func() error { return m.Store.Remove(ctx, name) })
}

func (m *mortal) RemoveDir(ctx context.Context, name string) error {
	return m.do(func() error { return m.Store.RemoveDir(ctx, name) })
}

func (m *mortal) Rename(ctx context.Context, from, to string, on store.Overwrite) error {
	return m.do(func() error { return m.Store.Rename(ctx, from, to, on) })
}

func (m *mortal) SetModTime(ctx context.Context, name string, t time.Time) error {
	return m.do(func() error { return m.Store.SetModTime(ctx, name, t) })
}

func (m *mortal) SetMode(ctx context.Context, name string, mode fs.FileMode) error {
	return m.do(func() error { return m.Store.SetMode(ctx, name, mode) })
}

func (m *mortal) List(ctx context.Context, name string) iter.Seq2[proto.Entry, error] {
	return m.Store.List(ctx, name)
}

// mortalUpload is one that stays as it is when its server dies: neither committed
// nor made a part.
type mortalUpload struct {
	store.Upload
	m    *mortal
	once sync.Once
}

// OSFile is none: the kernel would go on.
func (u *mortalUpload) OSFile() *os.File { return nil }

func (u *mortalUpload) Write(b []byte) (n int, err error) {
	err = u.m.do(func() error { n, err = u.Upload.Write(b); return err })
	return n, err
}

func (u *mortalUpload) Commit(ctx context.Context) error {
	if u.m.dead() {
		u.release()
	}
	return u.m.do(func() error { return u.Upload.Commit(ctx) })
}

func (u *mortalUpload) Discard(ctx context.Context) error {
	if u.m.dead() {
		u.release()
	}
	return u.m.do(func() error { return u.Upload.Discard(ctx) })
}

// release does what the system does for the dead: their locks go.
func (u *mortalUpload) release() {
	u.once.Do(func() {
		if f := u.Upload.OSFile(); f != nil {
			f.Close()
		}
	})
}

// disk is one that can be filled, for one end of each storm in turn; "" where the
// system gives none.
type disk string

// dirs are the two ends of one storm, which way its files go, and what fills the
// target's disk; nil where that is none of ours.
func (d disk) dirs(t *testing.T, up, fills bool) (root, local string, fill func(), done func()) {
	root, local, done = t.TempDir(), t.TempDir(), func() {}
	if d == "" || !fills {
		return root, local, nil, done
	}
	at := filepath.Join(string(d), "end")
	if err := os.Mkdir(at, 0o777); err != nil {
		t.Fatal(err)
	}
	if local = at; up {
		root, local = at, root
	}
	return root, local, func() {
			f, err := os.Create(d.filler())
			for block := make([]byte, 64<<10); err == nil; {
				_, err = f.Write(block)
			}
			f.Close()
		}, func() {
			d.drain()
			if err := os.RemoveAll(at); err != nil {
				t.Error(err)
			}
		}
}

func (d disk) filler() string { return filepath.Join(string(d), "filler") }
func (d disk) drain()         { _ = os.Remove(d.filler()) }

// clothed is how a storm's sessions are encrypted: not at all, or by either version
// of TLS with a session ticket for each data connection.
func clothed(seed int) veil { return append(veils()[:2:2], veil{})[(seed/10+2)%3] }

// config is how a client meets this server.
func (h *harbour) config() client.Config {
	return h.veil.client(h.t, client.Config{Features: h.features, Trace: h.trace, Lists: h.lists}, h.crypt)
}
