package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// follower is `log -f`. It outlives the server that it has begun with: events of
// the one that takes over follow, and those of the former as long as that has
// sessions.
type follower struct {
	ctl *Ctl
	q   url.Values

	mu      sync.Mutex // around show: two servers may speak at once
	show    func(line []byte) error
	formers sync.WaitGroup
}

func (f *follower) run(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	await, enough := context.WithCancel(ctx)
	defer func() {
		if enough(); err != nil {
			cancel()
		}
		f.formers.Wait() // what they have said is shown to its end
		cancel()
	}()
	for c := f.ctl.client; ; {
		former := c.About.PID
		f.q.Set("process", strconv.Itoa(former))
		err := f.of(ctx, c, f.q)
		var fault *Fault
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &fault) && fault.Status != http.StatusMisdirectedRequest, errors.Is(err, errShow):
			return err
		case !f.succeeded(ctx, c):
			fmt.Fprintln(f.ctl.Err, "ferry: the server has ended")
			return nil
		case c.About.PID == former: // it has let go of a reader that was too slow
			continue
		}
		fmt.Fprintf(f.ctl.Err, "ferry: the server has been replaced, process %d serves\n", c.About.PID)
		rest := maps.Clone(f.q)
		f.q.Del("last") // all that the next one has to tell is new
		f.q.Del("after")
		f.formers.Go(func() { f.rest(ctx, await, Beside(c.path, former), rest) })
	}
}

// errShow is that what a server tells can't be written.
var errShow = errors.New("can't be shown")

// of hands over what one server tells, until it ends or hands its place over. q is
// then what to ask it for the rest: nothing is missed, and nothing comes twice.
func (f *follower) of(ctx context.Context, c *Client, q url.Values) error {
	began := func(h http.Header) {
		q.Del("last")
		if q.Set("after", h.Get(heardBefore)); h.Get(heardBefore) == "" { // an older server
			q.Set("last", "0")
		}
	}
	return c.follow(ctx, "/v1/events?"+q.Encode(), began, func(line []byte) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if err := f.show(line); err != nil {
			return fmt.Errorf("%w: %w", errShow, err)
		}
		var e struct{ Seq uint64 }
		if json.Unmarshal(line, &e) == nil && e.Seq > 0 {
			q.Set("after", strconv.FormatUint(e.Seq, 10))
		}
		return nil
	})
}

// rest follows a server that has been replaced, if it still serves somebody. It may
// not listen beside its successor yet; who has been killed never will.
func (f *follower) rest(ctx, await context.Context, path string, q url.Values) {
	c, err := Dial(path)
	for end := time.Now().Add(successorTime); err != nil && time.Now().Before(end); c, err = Dial(path) {
		select {
		case <-await.Done():
			return
		case <-time.After(livePause):
		}
	}
	if err != nil {
		return
	}
	defer c.Close()
	_ = f.of(ctx, c, q)
}

// succeeded waits for the one that answers at the same socket next. Where nobody
// listens there any more, none comes; a parent keeps it open meanwhile.
func (f *follower) succeeded(ctx context.Context, c *Client) bool {
	c.Close()
	ctx, cancel := context.WithTimeout(ctx, successorTime)
	defer cancel()
	for ctx.Err() == nil {
		one, stop := context.WithTimeout(ctx, dialTime)
		err := c.Get(one, "/v1/about", &c.About)
		stop()
		if err == nil {
			return true
		}
		if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
			return false
		}
		select {
		case <-ctx.Done():
		case <-time.After(livePause):
		}
	}
	return false
}
