package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"
)

// backoff is the pause after an accept that failed: out of descriptors, out
// of memory, or an error of the connection that the system hands to its
// listener. The listener is still good, so giving it up would be the worst
// answer, and trying again at once the second worst.
type backoff struct {
	log   *slog.Logger
	where string
	delay time.Duration // 0: all is well
	since time.Time
}

func (b *backoff) pause(ctx context.Context, err error) {
	if b.delay == 0 {
		b.since = time.Now()
		b.delay = acceptDelayMin
		b.log.Error("accept failed, trying again", "listen", b.where, "err", err, "hint", acceptHint(err))
	} else {
		b.delay = min(2*b.delay, acceptDelayMax)
	}
	t := time.NewTimer(b.delay)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (b *backoff) over() {
	if b.delay == 0 {
		return
	}
	b.log.Info("accept works again", "listen", b.where, "after", time.Since(b.since).Round(time.Millisecond))
	b.delay = 0
}

func acceptHint(err error) string {
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return "out of file descriptors: raise the limit (ulimit -n) or lower --max-sessions"
	}
	return ""
}

// listenerGone tells an accept that will never work again from one that
// failed now. accept(2): errors that are pending on the new connection come
// out of the listener, so what is not known to be final is not.
func listenerGone(err error) bool {
	return errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EBADF)
}

// quiet lets one of many equal log lines through and counts the rest.
type quiet struct {
	mu    sync.Mutex
	last  time.Time
	times int // since the last line
}

func (q *quiet) tell(f func(times int)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.times++
	if now := time.Now(); q.last.IsZero() || now.Sub(q.last) >= quietLog {
		f(q.times)
		q.last, q.times = now, 0
	}
}
