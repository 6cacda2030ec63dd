package serve

import (
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
	key := filepath.Join(".", who.Root)
	if filepath.IsAbs(who.Root) {
		key = filepath.Clean(who.Root)
	}
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
