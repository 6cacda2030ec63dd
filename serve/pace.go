package serve

import (
	"context"
	"net"
	"os"
	"sync"
	"time"
)

// pace spreads bytes over time: all transfers of a user in one direction share
// it.
type pace struct {
	mu   sync.Mutex
	next time.Time // when what was taken so far has been paid for
}

// take notes n bytes at a rate and returns how long the taker has to wait.
// Who begins takes none first: only what comes from then on may make up for time.
func (p *pace) take(n int, rate int64) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	// What was not used is not saved up, but for what a share was sent, or its
	// timer rang, too late: else a rate would be missed by a tenth.
	least := now
	if n > 0 {
		least = now.Add(-time.Second / paceShare)
	}
	if p.next.Before(least) {
		p.next = least
	}
	p.next = p.next.Add(time.Duration(float64(n) / float64(rate) * float64(time.Second)))
	return p.next.Sub(now)
}

// paced is a data connection that keeps to the rates of its user, as they are
// at the moment.
type paced struct {
	net.Conn
	up, down *pace
	rates    func() (in, out int64) // bytes a second; 0: no bound
	ended    <-chan struct{}        // closed when the transfer is broken off
	patience time.Duration          // how long one write below may take; 0: for ever
}

// Below is the connection itself.
func (p *paced) Below() net.Conn { return p.Conn }

// SetWriteDeadline bounds each write below by what is left until t now: the
// time that is spent on keeping the rate doesn't count.
func (p *paced) SetWriteDeadline(t time.Time) error {
	p.patience = 0
	if !t.IsZero() {
		p.patience = time.Until(t)
	}
	return p.Conn.SetWriteDeadline(t)
}

// toll slows down what the kernel moves, and transfers that began without a
// rate: whoever gets one meanwhile keeps to it from then on.
func (s *session) toll(ctx context.Context, upload bool) func(int64) int64 {
	st := s.standing
	if st == nil {
		return nil
	}
	return func(n int64) int64 {
		rate, on := st.record.Load().Limits.Down, &st.shared.down
		if upload {
			rate, on = st.record.Load().Limits.Up, &st.shared.up
		}
		if rate == 0 {
			return 0
		}
		if late := on.take(int(n), rate); late > 0 {
			pause(ctx, late)
		}
		return max(rate/paceShare, 1)
	}
}

// pacer returns what slows the data connections of a transfer down; nil when
// nothing does at its beginning.
func (s *session) pacer() func(ctx context.Context, nc net.Conn) net.Conn {
	l := s.user.Limits
	if s.standing == nil || l.Up == 0 && l.Down == 0 {
		return nil
	}
	st := s.standing
	return func(ctx context.Context, nc net.Conn) net.Conn {
		st.shared.up.take(0, 1)
		st.shared.down.take(0, 1)
		return &paced{Conn: nc, up: &st.shared.up, down: &st.shared.down, rates: st.rates, ended: ctx.Done()}
	}
}

func (st *standing) rates() (in, out int64) {
	l := st.record.Load().Limits
	return l.Up, l.Down
}

func (p *paced) Read(b []byte) (int, error) {
	in, _ := p.rates()
	n, err := p.Conn.Read(b[:share(len(b), in)])
	p.wait(p.up, n, in)
	return n, err
}

func (p *paced) Write(b []byte) (sent int, err error) {
	for len(b) > 0 && err == nil {
		var n int
		_, out := p.rates()
		n, err = p.Conn.Write(b[:share(len(b), out)])
		p.wait(p.down, n, out)
		sent += n
		if b = b[n:]; len(b) > 0 && err == nil {
			err = p.renew()
		}
	}
	return sent, err
}

// renew gives the next write below its time. The end of the transfer, which
// puts the deadline in the past, is looked at afterwards, so that it isn't hidden.
func (p *paced) renew() error {
	if p.patience == 0 {
		return nil
	}
	if err := p.Conn.SetWriteDeadline(time.Now().Add(p.patience)); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return os.ErrDeadlineExceeded
	default:
		return nil
	}
}

// share is how much of n bytes goes at once: some tenth of a second's.
func share(n int, rate int64) int {
	if rate == 0 {
		return n
	}
	return int(min(int64(n), max(rate/paceShare, 1)))
}

func (p *paced) wait(on *pace, n int, rate int64) {
	if rate == 0 || n <= 0 {
		return
	}
	late := on.take(n, rate)
	if late <= 0 {
		return
	}
	t := time.NewTimer(late)
	defer t.Stop()
	select {
	case <-t.C:
	case <-p.ended:
	}
}
