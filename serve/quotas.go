package serve

import (
	"context"
	"path/filepath"
	"sync"

	"ferry/serve/store"
	"ferry/serve/users"
)

// quotas has one ledger for each root that somebody with a quota uses. It
// counts what lies below the root, whoever has put it there: files don't say.
type quotas struct {
	mu      sync.Mutex
	ledgers map[string]*store.Ledger
}

// meter makes a store count, if the user's uploads are bounded or those of
// others in the same root are.
func (q *quotas) meter(st store.Store, who users.Record, now func() users.Record) store.Store {
	q.mu.Lock()
	defer q.mu.Unlock()
	key := rootKey(who.Root)
	l := q.ledgers[key]
	if l == nil && !who.Limits.Quota() {
		return st
	}
	if l == nil {
		if q.ledgers == nil {
			q.ledgers = map[string]*store.Ledger{}
		}
		l = new(store.Ledger)
		q.ledgers[key] = l
	}
	return store.Metered(st, l, func() store.Allowance {
		m := now().Limits
		return store.Allowance{Usage: store.Usage{Bytes: m.Bytes, Files: m.Files}, Largest: m.Largest}
	})
}

// wants reports whether meter counts for this record.
func (q *quotas) wants(who users.Record) bool {
	if who.Limits.Quota() {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ledgers[rootKey(who.Root)] != nil
}

func rootKey(root string) string {
	if filepath.IsAbs(root) {
		return filepath.Clean(root)
	}
	return filepath.Join(".", root)
}

// openFiles opens what a record's root holds, in place of what was open.
func (s *session) openFiles(ctx context.Context, record users.Record, st *standing) error {
	metered := s.srv.quotas.wants(record) // before: what comes meanwhile is seen by remeter
	files, err := s.srv.open(ctx, s.host, record, st.now)
	if err != nil {
		return err
	}
	if s.store != nil {
		_ = s.store.Close() // what is read or written there goes on
	}
	s.store, s.root, s.metered = files, record.Root, metered
	return nil
}

// remeter begins to count, where a quota has come since the files were opened:
// the user's own, or that of somebody else in the same root.
func (s *session) remeter(ctx context.Context) error {
	if !s.in() || s.metered || s.xfer != nil {
		return nil
	}
	record := *s.user
	record.Root = s.root
	if !s.srv.quotas.wants(record) {
		return nil
	}
	if err := s.openFiles(ctx, record, s.standing); err != nil {
		return &fault{localFailure, "Your files can't be opened, please tell the administrator.", err}
	}
	return nil
}
