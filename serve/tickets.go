package serve

import (
	"crypto/tls"
	"encoding/binary"
	"net/netip"
	"strings"
	"sync"
)

// tickets makes and reads the TLS session tickets of a server. Each names the
// session (the control connection) that it was given to, so that a data
// connection which resumes it shows whose it is, in TLS 1.2 and 1.3.
//
// SECURITY: without that, whoever shares an address with a client can take its
// passive data connections (servers.md, T4; proftpd#972).
type tickets struct {
	keys tls.Config // seals them, with keys that crypto/tls changes daily

	mu     sync.Mutex
	logins map[uint64]holder // by session
	order  []uint64          // its keys, oldest login first from place on
	place  int
}

// holder is whom a session speaks for, or did before it ended.
type holder struct {
	user string
	from netip.Addr
}

// lineage is where the ticket came from that a data connection has shown.
type lineage int

const (
	noTicket    lineage = iota // none, or none of ours
	oldTicket                  // ours; nobody knows any more whose
	ownTicket                  // of the same session
	kinTicket                  // of another session of the same user from the same address
	alienTicket                // of somebody else
)

// note remembers whom a session speaks for, for as long as tickets are of use.
func (t *tickets) note(sid uint64, h holder) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.logins == nil {
		t.logins = map[uint64]holder{}
	}
	if _, again := t.logins[sid]; !again {
		if len(t.order) < maxHolders {
			t.order = append(t.order, sid)
		} else {
			delete(t.logins, t.order[t.place])
			t.order[t.place] = sid
			t.place = (t.place + 1) % maxHolders
		}
	}
	t.logins[sid] = h
}

// judge says what a ticket of the session by is to a data connection of sid.
func (t *tickets) judge(by, sid uint64, h holder) lineage {
	if by == sid {
		return ownTicket
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch was, ok := t.logins[by]; {
	case !ok:
		return oldTicket
	case was == h:
		return kinTicket
	}
	return alienTicket
}

// noSession is the session of tickets that show nothing.
const noSession uint64 = 0

// ticketMark stands before the session's number in SessionState.Extra.
const ticketMark = "ferry:"

// wrap is the WrapSession of a connection that belongs to a session.
func (t *tickets) wrap(sid uint64) func(tls.ConnectionState, *tls.SessionState) ([]byte, error) {
	mark := binary.BigEndian.AppendUint64([]byte(ticketMark), sid)
	return func(cs tls.ConnectionState, ss *tls.SessionState) ([]byte, error) {
		ss.Extra = append(ss.Extra, mark)
		return t.keys.EncryptTicket(cs, ss)
	}
}

// open reads a ticket: the TLS session in it, and the session it was given to.
// nil for what is none of ours.
func (t *tickets) open(ticket []byte) (ss *tls.SessionState, by uint64) {
	ss, err := t.keys.DecryptTicket(ticket, tls.ConnectionState{})
	if err != nil || ss == nil {
		return nil, 0
	}
	for _, extra := range ss.Extra {
		if id, ok := strings.CutPrefix(string(extra), ticketMark); ok && len(id) == 8 {
			return ss, binary.BigEndian.Uint64([]byte(id))
		}
	}
	return nil, 0
}
