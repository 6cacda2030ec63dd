package serve

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ferry/serve/admin"
)

// orderBook keeps the orders of the administrator in the state directory: bans and
// limits for whoever serves there next, a drain for this run's processes.
//
// SECURITY: the file is opened before rights are given up and files put out of
// reach, and only then written: the server needs no right to its directory.
type orderBook struct {
	run string // what all processes of one run have in common
	log *slog.Logger

	mu   sync.Mutex
	f    *os.File
	last []byte     // what was read or written last
	page *admin.Web // nil: there is none
}

// openBook opens the book of a server. nil: there is none, and orders end with
// the process.
func (d Daemon) openBook(log *slog.Logger, listeners []net.Listener) *orderBook {
	if d.Handed.Parent != nil {
		if s := d.Handed.named(bookFile); s.File != nil {
			return &orderBook{f: s.File, log: log, run: d.Handed.Estate.Run}
		}
		return nil
	}
	if d.NoState || !d.ordered() {
		return nil
	}
	f, err := bookInState(listeners)
	if err != nil {
		log.Warn("bans and limits of the administrator will end with this process", "err", err)
		return nil
	}
	return &orderBook{f: f, log: log, run: rand.Text()}
}

// ordered reports whether there is a way for orders to come.
func (d Daemon) ordered() bool { return d.reachedBySocket() || d.Control.Web != "" }

// bookInState is the book of a server, which is called by its address, in the
// state directory.
func bookInState(listeners []net.Listener) (*os.File, error) {
	dir, err := stateDir()
	if err != nil {
		return nil, err
	}
	dir = admin.Dir(dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	name := strings.NewReplacer(":", "_", "[", "", "]", "", "%", "_").Replace(listeners[0].Addr().String())
	return os.OpenFile(filepath.Join(dir, name+".orders"), os.O_CREATE|os.O_RDWR, 0o600)
}

// bookOfRun is a book for the processes of one run, which leaves no trace.
func bookOfRun() (*os.File, error) {
	f, err := os.CreateTemp("", "ferry")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}

// opens lets a page know which of its logins have ended, and keeps those that end.
func (b *orderBook) opens(page *admin.Web, srv *Server) {
	if b == nil {
		return
	}
	b.mu.Lock()
	b.page, b.last = page, nil
	b.mu.Unlock()
	page.Kept = func() { b.write(srv.orders()) }
	b.look(srv)
}

// close lets go of the file.
func (b *orderBook) close() {
	if b != nil {
		b.f.Close()
	}
}

// join puts the orders of the book in force, and writes down those that come.
// shared: other processes of this run have the book, too.
func (b *orderBook) join(ctx context.Context, srv *Server, shared bool) {
	if b == nil {
		return
	}
	b.look(srv)
	srv.steered.changed = func() { b.write(srv.orders()) }
	if o := srv.orders(); len(o.Bans)+len(o.Limits) > 0 || o.Drain != nil {
		b.log.Info("orders of the administrator are still in force", "bans", len(o.Bans), "limits", len(o.Limits), "drain", o.Drain != nil)
	}
	if !shared {
		return
	}
	go func() {
		tick := time.NewTicker(bookPause)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				b.look(srv)
			}
		}
	}()
}

func (b *orderBook) shown() *admin.Web {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.page
}

// look obeys what another process has written.
func (b *orderBook) look(srv *Server) {
	text, err := b.fresh()
	if text == nil && err == nil {
		return
	}
	var o orders
	if err == nil {
		o, err = readOrders(text)
	}
	if page := b.shown(); err == nil && page != nil {
		page.End(o.Logins)
	}
	if err != nil {
		b.log.Warn("orders of the administrator can't be read", "file", b.f.Name(), "err", err)
		return
	}
	if o.Drain != nil && o.Drain.Run != b.run {
		o.Drain = nil
	}
	srv.obey(o)
}

// fresh is what stands in the book, if that is new.
func (b *orderBook) fresh() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text, err := io.ReadAll(io.NewSectionReader(b.f, 0, maxBook))
	if err != nil || bytes.Equal(text, b.last) {
		return nil, err
	}
	b.last = text
	return text, nil
}

func (b *orderBook) write(o orders) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if o.Drain != nil {
		o.Drain = &rest{Run: b.run, Text: o.Drain.Text, Until: o.Drain.Until}
	}
	if b.page != nil {
		o.Logins = b.page.Ended()
	} else if before, err := readOrders(b.last); err == nil {
		o.Logins = before.Logins
	}
	text, err := json.Marshal(o)
	if err == nil && len(text) > maxBook {
		err = fmt.Errorf("there are too many: %d bytes", len(text))
	}
	if err == nil {
		_, err = b.f.WriteAt(text, 0)
	}
	if err == nil {
		err = b.f.Truncate(int64(len(text)))
	}
	if err != nil {
		b.log.Error("orders of the administrator are not kept", "file", b.f.Name(), "err", err)
		return
	}
	b.last = text
}
