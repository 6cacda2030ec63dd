package parent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// Parent is what keeps a server up.
type Parent struct {
	Path string // of the program; read again at each start
	Args []string

	Fresh
	Tell   func() ([]byte, error) // what a child that begins is told
	Reread func() (Fresh, error)  // settings as they are now

	Aside func(pid int) *os.File // where a child that is being replaced can be reached, to be closed; nil: nowhere
	Gone  func(pid int)          // a child has ended

	Log      *slog.Logger
	Out, Err io.Writer // of children; an *os.File is inherited
	Notify   func(state ...string)
}

// Fresh is what may be other after settings were read again.
type Fresh struct {
	Text     []byte        // what children that serve are told; only of Reread
	Sockets  []Socket      // handed to each child
	Patience time.Duration // with a probe; 0: the default
	Drain    time.Duration // how long a child that stops lets transfers go on
}

// Order is something that the parent is asked from outside.
type Order int

const (
	Reload  Order = iota + 1 // read settings again
	Upgrade                  // take the program as it is now
)

// States that Notify is told, as systemd names them.
const (
	IsReady     = "READY=1"
	isReloading = "RELOADING=1"
	isStopping  = "STOPPING=1"
	isAlive     = "WATCHDOG=1"
)

// loop is a Parent at work. One goroutine owns it.
type loop struct {
	*Parent
	sockets  []Socket
	drain    time.Duration
	patience atomic.Int64 // a time.Duration; probes read it
	events   chan event
	over     chan struct{}    // closed when nobody takes events any more
	restart  <-chan time.Time // when the next start is due; nil: none is

	current *child   // serves; nil: nobody does
	next    *child   // not ready yet
	retired []*child // have sessions left, the oldest first
	deaths  deaths
	served  bool              // somebody was ready once
	again   string            // why next is to be replaced as soon as it is ready
	waiting map[uint64]asking // changes that the current child has not answered yet
	lastID  uint64
}

// asking is who wants to know what comes of a reload.
type asking struct {
	child *child // nil: nobody, it was a signal
	id    uint64
}

// Run serves until ctx ends, a child says that its work is over, or the first
// one can't start.
func (p *Parent) Run(ctx context.Context, orders <-chan Order) error {
	runtime.LockOSThread() // the kernel ends children with the thread that has started them
	l := &loop{Parent: p, events: make(chan event), over: make(chan struct{}), waiting: map[uint64]asking{}}
	l.take(p.Fresh)
	defer close(l.over)
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	l.begin()
	for {
		select {
		case <-ctx.Done():
			return l.stop(context.Cause(ctx))
		case <-l.restart:
			l.begin()
		case <-alive.C:
			l.Notify(isAlive)
		case o := <-orders:
			l.obey(o)
		case e := <-l.events:
			if over, err := l.handle(e); over {
				return errors.Join(err, l.stop(errOver))
			}
		}
	}
}

var errOver = errors.New("the server's work is over")

// take puts what was read in force.
func (l *loop) take(f Fresh) {
	l.sockets, l.drain = f.Sockets, f.Drain
	l.patience.Store(int64(cmp.Or(f.Patience, DefaultPatience)))
}

// post is how other goroutines tell the loop.
func (l *loop) post(e event) {
	select {
	case l.events <- e:
	case <-l.over:
	}
}

// begin starts the next child.
func (l *loop) begin() {
	l.restart = nil
	c, err := l.start()
	if err != nil {
		l.Log.Error("server can't be started", "err", err)
		l.startAgain(0)
		return
	}
	l.next = c
	time.AfterFunc(startPatience, func() { l.post(event{child: c, late: true}) })
}

// startAgain plans a start after a death. served is how long the dead one was ready.
func (l *loop) startAgain(served time.Duration) {
	pause := l.deaths.after(served)
	if pause > 0 {
		l.Log.Error("server dies as soon as it has started", "times", int(l.deaths), "next", pause)
	}
	l.restart = time.After(pause)
}

// handle is one event. over: the parent's work is, too.
func (l *loop) handle(e event) (over bool, err error) {
	switch {
	case e.gone:
		return l.buried(e.child, reason(e.state, e.child.killed))
	case e.silent != nil:
		l.kill(e.child, "no answer to a probe: "+e.silent.Error())
	case e.late && e.child == l.next:
		l.kill(e.child, fmt.Sprintf("not ready within %v", startPatience))
	case e.msg != nil:
		l.heard(e.child, *e.msg)
	}
	return false, nil
}

// heard is what a child says.
func (l *loop) heard(c *child, m message) {
	switch m.Kind {
	case ready:
		l.up(c)
	case failed:
		c.failure = string(m.Text)
	case done:
		c.done = true
	case changed:
		l.changed(c, m)
	case wish:
		if c == l.current {
			l.replace(string(m.Text))
		}
	case reload:
		l.reload(asking{c, m.ID})
	}
}

// up makes a child that is ready the one that serves.
func (l *loop) up(c *child) {
	if c != l.next {
		return
	}
	c.ready = time.Now()
	former := l.current
	l.current, l.next, l.served = c, nil, true
	l.Log.Info("server is up", "pid", c.cmd.Process.Pid, "after", c.ready.Sub(c.born).Round(time.Millisecond))
	l.Notify(IsReady, fmt.Sprintf("STATUS=process %d serves", c.cmd.Process.Pid))
	go l.watch(c)
	if former != nil {
		l.unanswered(nil)
		l.retire(former)
	} else if len(l.retired) > 0 { // the one that was told of them is dead
		l.tell(c, message{Kind: share, Text: []byte(Others)})
	}
	if why := l.again; why != "" {
		l.again = ""
		l.replace(why)
	}
}

// retire lets a child end with its sessions.
func (l *loop) retire(c *child) {
	l.tell(c, message{Kind: share, Text: []byte(Others)})
	aside := l.Aside(c.cmd.Process.Pid)
	l.give(c, message{Kind: retire}, aside)
	if aside != nil {
		aside.Close()
	}
	l.retired = append(l.retired, c)
	l.tell(l.current, message{Kind: share, Text: []byte(Others)})
	if len(l.retired) > maxRetired {
		l.tell(l.retired[0], message{Kind: stop, Text: []byte("replaced")})
	}
}

// replace starts another child, which takes over as soon as it is ready.
func (l *loop) replace(why string) {
	switch {
	case l.next != nil:
		l.again = why
	case l.current == nil: // the next start is due anyway
	default:
		l.Log.Info("server is replaced, sessions go on", "why", why)
		l.begin()
	}
}

// buried is the end of a process.
func (l *loop) buried(c *child, why string) (over bool, err error) {
	c.ch.close()
	pid := c.cmd.Process.Pid
	l.Gone(pid)
	for id, a := range l.waiting {
		if a.child == c {
			delete(l.waiting, id)
		}
	}
	if c == l.current {
		l.unanswered(c)
	}
	if i := slices.Index(l.retired, c); i >= 0 {
		l.retired = slices.Delete(l.retired, i, i+1)
		l.Log.Info("replaced server has ended", "pid", pid, "how", why)
		if len(l.retired) == 0 && l.current != nil {
			l.tell(l.current, message{Kind: share, Text: []byte(Alone)})
		}
		return false, nil
	}
	var served time.Duration
	if !c.ready.IsZero() {
		served = time.Since(c.ready)
	}
	switch c {
	case l.current:
		l.current = nil
	case l.next:
		l.next = nil
	}
	switch {
	case c.done:
		return true, nil
	case c.failure != "" && !l.served:
		return true, &Failure{c.failure, c.cmd.ProcessState.ExitCode()}
	case c.failure != "":
		why += ": " + c.failure
	}
	l.Log.Error("server died", "pid", pid, "why", why, "served", served.Round(time.Millisecond))
	if l.current != nil { // it was to replace the one that serves
		l.Log.Error("server is not replaced, the former one serves on")
		l.Notify(IsReady)
		return false, nil
	}
	if l.next == nil && l.restart == nil {
		l.startAgain(served)
	}
	return false, nil
}

// stop tells all children to end, and waits for them.
func (l *loop) stop(why error) error {
	l.Notify(isStopping)
	for _, c := range l.children() {
		l.tell(c, message{Kind: stop, Text: []byte(why.Error())})
	}
	patience := time.After(l.drain + stopGrace)
	for len(l.children()) > 0 {
		select {
		case <-patience:
			l.end("it took too long to stop")
		case e := <-l.events:
			if e.gone {
				l.forget(e.child)
			}
		}
	}
	return nil
}

// end kills what is left.
func (l *loop) end(why string) {
	for _, c := range l.children() {
		l.kill(c, why)
	}
	for len(l.children()) > 0 {
		if e := <-l.events; e.gone {
			l.forget(e.child)
		}
	}
}

func (l *loop) children() (all []*child) {
	all = append(all, l.retired...)
	for _, c := range []*child{l.current, l.next} {
		if c != nil {
			all = append(all, c)
		}
	}
	return all
}

func (l *loop) forget(c *child) {
	c.ch.close()
	l.Gone(c.cmd.Process.Pid)
	l.retired = slices.DeleteFunc(l.retired, func(r *child) bool { return r == c })
	if l.current == c {
		l.current = nil
	}
	if l.next == c {
		l.next = nil
	}
}
