package serve

import (
	"context"
	"net"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

// parking is where sessions of one listener are whose clients have been silent
// for a moment, where the system can watch many sockets at once: they hold no
// goroutine then, and so no stack. What a session is stands in its struct;
// whatever wakes it gives it a new goroutine: a byte, its clock, others.
type parking struct {
	again func(*session) // goes on with a session; does not wait

	mu     sync.Mutex
	watch  *watcher            // made for the first who comes
	parked map[uint64]*session // by id
	stirs  int                 // who came to rest or left since memory was given back
	tidy   *time.Timer
	free   func() // gives memory back to the system
}

func newParking(again func(*session)) *parking {
	return &parking{again: again, parked: map[uint64]*session{}, free: debug.FreeOSMemory}
}

// admits reports whether a connection is one that can be watched.
func (p *parking) admits(nc net.Conn) bool { return canWatch && rawConn(nc) != nil }

// close ends the watch. Nobody is parked any more.
func (p *parking) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tidy != nil {
		p.tidy.Stop()
	}
	if p.watch != nil {
		p.watch.close()
	}
}

// park takes a session over from its owner, who must leave it alone when the
// answer is true.
//
// It is entered before the conditions are looked at, and who changes one of them
// wakes it afterwards, so that none is missed.
func (p *parking) park(ctx context.Context, s *session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parked[s.id] = s
	if s.mustAttend(ctx) || p.expect(s) != nil {
		delete(p.parked, s.id)
		return false
	}
	s.setAlarm(time.Until(s.deadline()))
	p.settle(s)
	return true
}

// expect has the session's socket watched. An error is want of descriptors, or a
// socket that others have closed: its owner goes on, and comes again.
func (p *parking) expect(s *session) error {
	if p.watch == nil {
		w, err := newWatcher()
		if err != nil {
			return err
		}
		p.watch = w
		go w.run(p.resume)
	}
	raw := rawConn(s.nc)
	if raw == nil {
		return net.ErrClosed
	}
	return p.watch.next(raw, s.id)
}

// setAlarm makes the session's clock wake it; called with parking.mu held.
func (s *session) setAlarm(d time.Duration) {
	if s.alarm == nil {
		s.alarm = time.AfterFunc(d, func() { s.lot.resume(s.id) })
		return
	}
	s.alarm.Reset(d)
}

// resume gives a session its goroutine back; without effect when it has one.
// Safe from any goroutine.
func (p *parking) resume(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.parked[id]
	if !ok {
		return
	}
	delete(p.parked, id)
	s.alarm.Stop()
	p.again(s)
}

// all resumes everybody.
func (p *parking) all() {
	p.mu.Lock()
	ids := make([]uint64, 0, len(p.parked))
	for id := range p.parked {
		ids = append(ids, id)
	}
	p.mu.Unlock()
	for _, id := range ids {
		p.resume(id)
	}
}

// settle notes that a session rests for the first time; called with mu held.
func (p *parking) settle(s *session) {
	if !s.rested {
		s.rested = true
		p.stir()
	}
}

// gone notes that a session has ended.
func (p *parking) gone() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stir()
}

// stir gives memory back to the system when a crowd has come to rest, or has
// left: what its logins and its sessions took would else stay for minutes.
// Nothing happens as long as they come and go; called with mu held.
func (p *parking) stir() {
	p.stirs++
	switch {
	case p.stirs < crowdRests:
	case p.tidy == nil:
		p.tidy = time.AfterFunc(tidyAfter, p.giveBack)
	default:
		p.tidy.Reset(tidyAfter)
	}
}

func (p *parking) giveBack() {
	p.mu.Lock()
	p.stirs = 0
	p.mu.Unlock()
	p.free()
}

// rawConn is a connection's socket, or nil where it has none (in memory).
func rawConn(nc net.Conn) syscall.RawConn {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}
