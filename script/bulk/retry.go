package bulk

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/data"
)

// Retry bounds what is tried again. The zero value has all bounds at their
// defaults; an attempt itself is bounded by the client's timeouts.
type Retry struct {
	Attempts int           // of one file without progress in between; 0: 5, 1: nothing is tried again
	Delay    time.Duration // before the second attempt; it doubles with each. 0: a second
	MaxDelay time.Duration // 0: a minute
	Host     time.Duration // how long a host may be out of reach before all that is left of its files fails; 0: two minutes
	Run      time.Duration // what all waiting for attempts may come to; 0: an hour
}

func (r Retry) withDefaults() Retry {
	or := func(d *time.Duration, def time.Duration) {
		if *d == 0 {
			*d = def
		}
	}
	if r.Attempts == 0 {
		r.Attempts = retryAttempts
	}
	or(&r.Delay, retryDelay)
	or(&r.MaxDelay, retryMaxDelay)
	or(&r.Host, retryHost)
	or(&r.Run, retryRun)
	return r
}

// pause is how long to wait before attempt n+1: twice as long each time, and
// by chance up to a half less, so that clients that failed together don't
// come back together.
func (r Retry) pause(n int) time.Duration {
	d := r.Delay
	for ; n > 1 && d < r.MaxDelay; n-- {
		d *= 2
	}
	d = min(d, r.MaxDelay)
	return d - rand.N(d/2+1)
}

// DownError is a host that could not be reached again within its bound.
type DownError struct {
	Host  string
	Tries int
	Err   error // of the last try
}

func (e *DownError) Error() string {
	return fmt.Sprintf("%s: given up after %d tries to connect again: %v", e.Host, e.Tries, e.Err)
}
func (e *DownError) Unwrap() error { return e.Err }

// fate is what an error means for what failed with it.
type fate int

const (
	permanent fate = iota // it will fail the same way again
	transient             // it may pass: a lost connection, a busy file
	doubtful              // the bytes are not what they should be: once more from the start
	fatal                 // it fails all other files, too
)

// fateOf tells what an error means, by type and, for replies, by code and the
// text of servers that say 5xx of what will pass.
func fateOf(err error) fate {
	var (
		down    *DownError
		reply   *proto.ReplyError
		lost    *client.LostError
		connect *client.ConnectError
		broken  *client.DataError
		size    *client.SizeError
		local   *client.LocalError
		space   *SpaceError
		room    *RoomError
	)
	switch {
	case errors.As(err, &down), errors.As(err, &space), errors.As(err, &room), diskFull(err), client.Full(err): // no better for the next file, and waiting would hide it
		return fatal
	case errors.Is(err, errMismatch), errors.Is(err, ErrChanged), errors.Is(err, data.ErrSum):
		return doubtful
	case errors.As(err, &local), distrusted(err):
		return permanent
	case errors.As(err, &lost), errors.As(err, &size), errors.Is(err, client.ErrTruncated), errors.Is(err, data.ErrStalled):
		return transient
	case errors.As(err, &connect):
		return fateOfConnect(connect)
	case errors.As(err, &reply):
		if client.Transient(err) {
			return transient
		}
		return permanent
	case errors.As(err, &broken):
		return transient
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return transient
	}
	return permanent
}

// fateOfConnect: a name that doesn't exist and a server that isn't one stay so.
func fateOfConnect(err *client.ConnectError) fate {
	var (
		dns   *net.DNSError
		reply *proto.ReplyError
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return permanent
	case errors.As(err, &reply):
		if client.Transient(err) {
			return transient
		}
		return permanent
	}
	return transient
}

// distrusted is a peer whose certificate is not good: waiting won't mend it.
func distrusted(err error) bool {
	var (
		cert   *client.CertificateError
		verify *tls.CertificateVerificationError
	)
	return errors.As(err, &cert) || errors.As(err, &verify) || errors.Is(err, client.ErrDowngrade) ||
		errors.Is(err, client.ErrNoTLS) || errors.Is(err, client.ErrPlainData)
}

// crowded is a server that allows no more sessions: 421 to the connection or
// 530 to the login, with a text that says so.
func crowded(err error) bool {
	var (
		connect *client.ConnectError
		login   *client.LoginError
		reply   *proto.ReplyError
	)
	if !errors.As(err, &reply) {
		return false
	}
	switch {
	case errors.As(err, &connect):
		return true // refused at the door: for a session beside others that is the reason
	case errors.As(err, &login):
		return client.Transient(err)
	}
	text := strings.ToLower(strings.Join(reply.Reply.Lines, "\n"))
	return reply.Reply.Code == proto.Unavailable && slices.ContainsFunc([]string{"too many", "maximum", "limit"},
		func(words string) bool { return strings.Contains(text, words) })
}

// patience is what is left of a run's bound on waiting.
type patience struct {
	mu   sync.Mutex
	left time.Duration
}

// spend takes d from what is left and reports whether there was as much.
func (p *patience) spend(d time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left < d {
		return false
	}
	p.left -= d
	return true
}

// sleep waits, no longer than ctx lasts.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
