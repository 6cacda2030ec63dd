package serve

import (
	"cmp"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"

	"ferry/serve/live"
)

// registry is who is connected. It alone decides who else may be.
type registry struct {
	limits Limits

	mu     sync.Mutex
	live   map[*session]connected
	per    map[netip.Addr]int // sessions by address
	lastID uint64
	closed bool
	rests  string          // why nobody is let in for a while; "": all are
	waits  []chan struct{} // closed when live becomes empty
}

// connected is what the server keeps of a session beside itself.
type connected struct {
	nc   net.Conn
	ln   net.Listener // what it came in by
	from netip.Addr   // what it is counted under
}

// Why a connection is not admitted.
var (
	errFull        = errors.New("too many sessions")
	errFullAddress = errors.New("too many sessions from this address")
)

// refusalText is what the refused client reads.
func refusalText(why error) string {
	var rests *restError
	switch {
	case errors.As(why, &rests):
		return rests.text
	case errors.Is(why, errShutOut):
		return "Connections from your address are not accepted."
	case errors.Is(why, ErrClosed):
		return "Server is shutting down, try again later."
	case errors.Is(why, errBanned):
		return "Too many failed logins from your address, try again later."
	case errors.Is(why, errTooFast):
		return "Too many connections in a short time from your address, try again later."
	case errors.Is(why, errFullAddress):
		return "Too many connections from your address, close one and try again."
	}
	return "Too many connections, try again later."
}

// admit counts a connection in and makes its session, in one step.
//
// SECURITY: check and count are one step under one lock, so that a flood in
// parallel can't pass a limit that each connection alone would respect.
func (r *registry) admit(ln net.Listener, nc net.Conn, make func(id uint64) *session) (*session, error) {
	from := countedAs(addrPort(nc.RemoteAddr()).Addr())
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, ErrClosed
	case r.rests != "":
		return nil, &restError{r.rests}
	case len(r.live) >= r.limits.Sessions:
		return nil, errFull
	case r.per[from] >= r.limits.PerAddress:
		return nil, errFullAddress
	}
	if r.live == nil {
		r.live, r.per = map[*session]connected{}, map[netip.Addr]int{}
	}
	r.lastID++
	s := make(r.lastID)
	r.live[s] = connected{nc: nc, ln: ln, from: from}
	r.per[from]++
	return s, nil
}

// countedAs is the address under which sessions are counted: an IPv6
// subscriber has a whole /64 to come from.
func countedAs(a netip.Addr) netip.Addr {
	if !a.Is6() || a.Is4In6() {
		return a.Unmap()
	}
	return netip.PrefixFrom(a.WithZone(""), 64).Masked().Addr()
}

// remove counts a session out.
func (r *registry) remove(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.live[s]
	if !ok {
		return
	}
	delete(r.live, s)
	if r.per[c.from]--; r.per[c.from] == 0 {
		delete(r.per, c.from)
	}
	r.tellIfEmpty()
}

// anyUser reports whether a session is live that has logged in.
func (r *registry) anyUser() bool {
	return slices.ContainsFunc(r.list(), func(s *session) bool { return s.info().User != "" })
}

// close makes admit refuse from now on.
func (r *registry) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// each calls f for every session, without the lock.
func (r *registry) each(f func(*session)) {
	for _, s := range r.list() {
		f(s)
	}
}

func (r *registry) list() []*session {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*session, 0, len(r.live))
	for s := range r.live {
		all = append(all, s)
	}
	return all
}

func (r *registry) infos() []live.Session {
	all := []live.Session{}
	r.each(func(s *session) { all = append(all, s.info()) })
	slices.SortFunc(all, func(a, b live.Session) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.live)
}

// cut closes the control connections that came in by ln.
func (r *registry) cut(ln net.Listener) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s, c := range r.live {
		if c.ln == ln {
			c.nc.Close()
			s.wake()
		}
	}
}

// cutOne closes the control connection of a session that is still there.
func (r *registry) cutOne(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, ok := r.live[s]; ok {
		c.nc.Close()
		s.wake()
	}
}

// rest makes admit refuse with a text of the administrator's; "" ends that.
func (r *registry) rest(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rests = text
}

func (r *registry) resting() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rests != ""
}

// goodbye is what sessions read that end because no new ones may begin.
func (r *registry) goodbye() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rests != "" && !r.closed {
		return r.rests
	}
	return "Server is shutting down, goodbye."
}

// restError is that the administrator lets nobody in for a while.
type restError struct{ text string }

func (e *restError) Error() string { return "draining: " + e.text }

// empty returns a channel that is closed when nobody is connected.
func (r *registry) empty() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := make(chan struct{})
	r.waits = append(r.waits, c)
	r.tellIfEmpty()
	return c
}

func (r *registry) tellIfEmpty() {
	if len(r.live) > 0 {
		return
	}
	for _, c := range r.waits {
		close(c)
	}
	r.waits = nil
}

// addrPort is a socket's address in comparable form; IPv4 that came in by an
// IPv6 socket is IPv4.
func addrPort(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := t.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
