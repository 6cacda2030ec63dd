package serve

import (
	"net"
	"sync"
	"syscall"
	"time"

	"ferry/proto/bare"
)

// porter is who accepts on a passive port. A goroutine does that on each; but
// most clients have connected before they ask for a file, and then it is woken,
// on another thread, for nothing but to hand the connection over. So while a
// port is in use it rests, and sessions take what has come themselves:
//
//	EPSV      ─▶ who has come uncalled is closed; the goroutine rests for a moment
//	RETR      ─▶ the session looks: there it is, mostly
//	not there ─▶ the goroutine accepts, as it does on a port that nobody uses
//
// Only where a look never waits: see package bare. nil: the goroutine never rests.
type porter struct {
	ln    *bare.Listener
	turn  sync.Mutex    // of who accepts: the goroutine, unless it rests, or a session
	spell int           // connections since the goroutine has accepted; guarded by turn
	call  chan struct{} // holds one: the goroutine is to look what it should do

	// Guarded by passivePorts.mu.
	calm   time.Time // until then the goroutine rests
	wanted int       // unless promises wait for it
	inside bool      // it accepts, or is about to
}

func newPorter(ln net.Listener) *porter {
	l, err := bare.Listen(ln, briefWait)
	if err != nil {
		return nil
	}
	return &porter{ln: l, call: make(chan struct{}, 1)}
}

// next returns the next connection of a port to its goroutine. An error that is
// a timeout means nothing.
func (pp *passivePorts) next(port *passivePort) (net.Conn, error) {
	d := port.porter
	if d == nil {
		return port.ln.Accept()
	}
	d.turn.Lock()
	rest := pp.rests(d)
	if rest <= 0 {
		defer d.turn.Unlock()
		d.spell = 0
		return d.ln.Accept()
	}
	d.turn.Unlock()
	alarm := time.NewTimer(rest)
	defer alarm.Stop()
	select {
	case <-d.call:
	case <-alarm.C:
	}
	return nil, syscall.ETIMEDOUT
}

// rests is how long the goroutine is not needed.
func (pp *passivePorts) rests(d *porter) time.Duration {
	pp.mu.Lock()
	defer pp.mu.Unlock()
	_ = d.ln.SetDeadline(time.Time{})
	rest := time.Until(d.calm)
	if d.wanted > 0 {
		rest = 0
	}
	if d.inside = rest <= 0; d.inside {
		_, _ = d.ln.Polled() // for hush; what fails here fails again in Accept
	}
	return rest
}

// hush makes the goroutine rest. passivePorts.mu is held.
func (d *porter) hush() {
	if d == nil || d.wanted > 0 {
		return
	}
	d.calm = time.Now().Add(porterCalm)
	if d.inside {
		d.inside = false
		_ = d.ln.SetDeadline(time.Unix(1, 0))
	}
}

// wake makes the goroutine look what it should do.
func (d *porter) wake() {
	select {
	case d.call <- struct{}{}:
	default:
	}
}

// sweep takes in who has come to a port before it is promised: nobody, or the
// peer of another promise. The lock is held.
//
// SECURITY: a connection that was made uncalled must not be there for the next
// promise to the same address.
func (pp *passivePorts) sweep(port *passivePort) {
	d := port.porter
	if d == nil || !d.turn.TryLock() {
		return
	}
	defer d.turn.Unlock()
	for nc := d.ln.AcceptNow(); nc != nil; nc = d.ln.AcceptNow() {
		pp.arrive(port, nc)
	}
}

// look takes in who has come, up to the one that was promised. A port where that
// has gone well for a while is taken from Go's poller, which would be woken for
// nothing.
func (p *promise) look() {
	d := p.port.porter
	if d == nil || len(p.arrived) > 0 || !d.turn.TryLock() {
		return
	}
	defer d.turn.Unlock()
	for len(p.arrived) == 0 {
		nc := d.ln.AcceptNow()
		if nc == nil {
			return
		}
		p.all.mu.Lock()
		p.all.arrive(p.port, nc)
		p.all.mu.Unlock()
	}
	if d.spell++; d.spell == bareAfter {
		d.ln.Bare()
	}
}

// await has the goroutine accept until the promise is kept or over. The lock is held.
func (p *promise) await() {
	d := p.port.porter
	if d == nil || p.awaited || p.port.promises[p.peer] != p {
		return
	}
	p.awaited = true
	d.wanted++
	d.wake()
}

// leaves takes back what await has asked for. The lock is held.
func (p *promise) leaves() {
	if p.awaited {
		p.awaited = false
		p.port.porter.wanted--
	}
}

// shut ends a port's listening. The lock is held.
func (port *passivePort) shut() {
	port.ln.Close()
	if d := port.porter; d != nil {
		d.calm = time.Time{}
		d.wake()
	}
}
