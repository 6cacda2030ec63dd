package bulk

import (
	"context"
	"sync"
	"time"

	"ferry/proto/client"
)

// crew is the workers of a run: a few at first, more while that pays, fewer
// when the server allows no more.
type crew struct {
	run   *run
	first int // sessions to begin with, where there is work for them
	mu    sync.Mutex
	most  int // sessions that are wanted at most; less once the server has said so
	live  int // sessions that work
	under int // sessions that are being made
	ended sync.WaitGroup
}

func newCrew(r *run) *crew {
	most := r.opts.Sessions
	if most == 0 {
		most = maxSessions
	}
	most = max(most, r.opts.Segments)
	if r.opts.Dial == nil {
		most = 1
	}
	if known := r.opts.Server.sessions(); known > 0 {
		most = min(most, known)
	}
	c := &crew{run: r, first: r.firstCrew(), most: most, live: 1}
	if c.first > firstSessions { // they begin together, but for their logins
		r.queue.expect(min(c.first, most))
	}
	return c
}

// firstCrew is how many sessions a run begins with. Small files on a far server
// are nothing but round trips, which sessions share: that need not be measured.
func (r *run) firstCrew() int {
	if r.client.Commits() || r.client.RoundTrip() < farTrip {
		return firstSessions
	}
	files, _, big := r.queue.left()
	return max(firstSessions, min(farSessions, (files-big)/sessionFiles))
}

// size is how many sessions share the work.
func (c *crew) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.live
}

// leave takes a worker out because the server refuses it, or can't be reached
// by it. The last one stays: it reports false.
func (c *crew) leave(w *worker, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live == 1 {
		return false
	}
	c.live--
	c.shrink(err)
	return true
}

// shrink notes the most sessions that the server allows: those that there are,
// and as many as are still at its door. c.mu is held.
func (c *crew) shrink(err error) {
	c.most = max(1, min(c.most, c.live+c.under))
	c.run.queue.expect(0)
	if crowded(err) {
		c.run.opts.Server.allow(c.most)
	}
}

// surplus takes a worker out that is more than is wanted by now.
func (c *crew) surplus(w *worker) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w.lead || c.live <= c.most {
		return false
	}
	c.live--
	return true
}

// carry does all that is in the queue. The lead begins at once; the others
// join while it works, and nobody waits for one that is still on its way when
// the work is done.
func (c *crew) carry(ctx context.Context, lead *worker) {
	dctx, stop := context.WithCancel(ctx)
	var growing sync.WaitGroup
	growing.Go(func() { c.grow(ctx, dctx) })
	lead.work(ctx)
	stop()
	growing.Wait()
	c.ended.Wait()
}

// grow adds sessions: the first ones when there is work for two, then as many
// again as long as that has made the goodput grow. dctx ends when no more are
// wanted.
func (c *crew) grow(ctx, dctx context.Context) {
	if !c.worthOne() {
		return
	}
	c.add(ctx, dctx, min(c.first, c.wanted())-1)
	last := 0.0
	for live := c.size(); live < c.wanted() && c.worthOne(); live = c.size() {
		rate, err := c.measure(dctx, live)
		if err != nil || rate < last*growGain {
			return
		}
		last = rate
		c.add(ctx, dctx, min(live, c.wanted()-live))
	}
}

// measure is the goodput of so many sessions, over a time in which each of
// them has done something that counts.
func (c *crew) measure(ctx context.Context, live int) (float64, error) {
	before, began := c.run.goodput(), time.Now()
	for {
		if err := sleep(ctx, growEvery); err != nil {
			return 0, err
		}
		if gained := c.run.goodput() - before; gained >= growSample*int64(live) {
			return float64(gained) / time.Since(began).Seconds(), nil
		}
	}
}

func (c *crew) wanted() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most
}

// worthOne reports whether what is left is worth another session.
func (c *crew) worthOne() bool {
	files, bytes, big := c.run.queue.left()
	live := c.size()
	return files >= sessionFiles*live || bytes >= sessionBytes*int64(live) && files > 0 && (big > 0 || files > 1)
}

// add opens n more sessions at once. One that is refused ends growth.
func (c *crew) add(ctx, dctx context.Context, n int) {
	var dials sync.WaitGroup
	c.mu.Lock()
	c.under += max(0, n)
	c.mu.Unlock()
	for range n {
		dials.Go(func() { c.join(ctx, dctx) })
	}
	dials.Wait()
}

// join makes one more session and sets it to work.
func (c *crew) join(ctx, dctx context.Context) {
	session, err := c.run.opts.Dial(dctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under--
	if err != nil {
		if dctx.Err() == nil {
			c.shrink(err)
		}
		return
	}
	c.live++
	w := &worker{Engine: c.run.Engine, run: c.run}
	w.adopt(ctx, session)
	c.ended.Go(func() {
		w.work(ctx)
		w.bye(ctx)
		w.calm()
	})
}

// adopt gives a worker its session. What one that helps may take to abort what
// it does when its run is cancelled is bounded: unlike the first one it is not
// needed afterwards.
func (w *worker) adopt(ctx context.Context, c *client.Client) {
	w.client = c
	if w.lead {
		w.Engine.client = c
		return
	}
	if w.calm != nil {
		w.calm()
	}
	w.calm = context.AfterFunc(ctx, func() { time.AfterFunc(farewell, func() { _ = c.Close() }) })
}

// bye ends a session that is not needed any more.
func (w *worker) bye(ctx context.Context) {
	if !w.client.Broken() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		w.client.Leave(ctx)
	}
	w.client.Close()
}
