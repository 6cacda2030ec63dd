package serve

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/live"
)

// job is what a transfer does. move and end run in the mover, the goroutine
// of the transfer; they use nothing of the session that its owner changes.
// Work that needs no data connection but may take long (a hash, a copy) has
// work instead, and is else like a transfer: ABOR ends it, STAT tells of it.
type job struct {
	verb   string
	path   string
	from   string                                   // of a copy
	mark   proto.Reply                              // 150
	pace   func(context.Context, net.Conn) net.Conn // slows it down; set by begin, nil: nothing does
	marks  bool                                     // an upload: restart markers of the peer are answered with 110
	size   int64                                    // an upload: what ALLO has said in TLS; 0: nothing
	ranged bool                                     // an upload: of a range only
	total  int64                                    // bytes that will move, where that is known beforehand; 0: it is not
	brief  *os.File                                 // a download that may be over at once; nil: none
	direct bool                                     // the bytes' other end is a file of the system
	into   *taker                                   // an upload that may be over at once; nil: none
	ended  *end                                     // an upload: how the peer ended it, set before end is called
	sum    *string                                  // an upload: its SHA-256, set by end
	after  *afterwards                              // an upload: what end has left; nil: nothing
	// move carries the bytes.
	move func(ctx context.Context, c *data.Conn, o data.Options) error
	// end is called once, with the error of all before, nil for none. What it
	// returns is how the transfer ended.
	end func(ctx context.Context, err error) error
	// work returns the final reply. It counts bytes in moved.
	work func(ctx context.Context, moved *atomic.Int64) (proto.Reply, error)
}

// transfer is a job under way.
//
//	owner   begin ──▶ 150 ─ reads on: ABOR, STAT, NOOP, QUIT ─ wakes ─▶ finish ──▶ 226
//	mover      └──▶ connect ─▶ move ─▶ close ─▶ end ─▶ done ───┘
type transfer struct {
	job
	since  time.Time
	moved  atomic.Int64
	speed  speed
	cancel context.CancelCauseFunc
	signal chan struct{} // holds one: there is something for the owner
	done   chan struct{} // closed when reply and err are set and the mover is gone
	reply  proto.Reply
	err    error
	kept   *channel // set by the mover: it goes back to the session
	silent bool     // no reply is given at the end
	waits  bool     // its file waits on the channel for those that follow

	announced bool // the mark is queued, or was sent; the owner's

	mu       sync.Mutex
	withheld bool     // the mark waits for the handshake; see eager.go
	opening  bool     // and may be sent now
	markers  []string // texts of 110 replies to be sent
}

// begin starts a transfer: the mark is sent, then the mover meets the peer.
// After an error the job has ended, too.
func (s *session) begin(ctx context.Context, j job) error {
	if s.channel != nil {
		return s.beginKept(ctx, j)
	}
	opt := s.dataOptions(j)
	err := opt.Supported()
	var m meeting
	var cover *cover
	if err == nil {
		cover, err = s.cover(j)
	}
	if err == nil {
		m, err = s.takeMeeting()
	}
	if err != nil {
		return j.end(ctx, err)
	}
	ctx, t := s.start(ctx, j)
	p, passive := m.(*promise)
	near := passive && cover != nil && s.wire != nil && s.alone()
	switch {
	case near:
		m = bareMeeting{p}
	case passive && cover == nil:
		var over bool
		if m, over = s.briefly(ctx, t, p); over {
			return nil
		}
	}
	withheld := s.withholds(j, cover, m)
	if !withheld {
		s.announce(t)
	}
	s.flush() // a client may wait for it before it connects
	if s.over {
		m.cancel()
		s.xfer = nil
		s.count(t)
		t.cancel(nil)
		return j.end(ctx, errGone)
	}
	t.withheld = withheld
	opt.Moved = &t.moved
	t.pace, opt.Toll = s.pacer(), s.toll(ctx, j.marks)
	if j.marks {
		opt.OnMark = func(marker string, at int64) error { return t.marker(s, marker, at) }
	}
	go t.run(ctx, s, func(ctx context.Context) error {
		err := t.carry(ctx, s, m, cover, opt)
		return t.guarded(s, func() error { return t.end(ctx, err) })
	})
	if near {
		s.stay(t)
	}
	return nil
}

// toil starts work that needs no data connection.
func (s *session) toil(ctx context.Context, j job) {
	ctx, t := s.start(ctx, j)
	go t.run(ctx, s, func(ctx context.Context) error {
		return t.guarded(s, func() (err error) {
			t.reply, err = t.work(ctx, &t.moved)
			return err
		})
	})
}

func (s *session) start(ctx context.Context, j job) (context.Context, *transfer) {
	ctx, cancel := context.WithCancelCause(ctx)
	t := &transfer{
		job:    j,
		since:  time.Now(),
		cancel: cancel,
		signal: make(chan struct{}, 1),
		done:   make(chan struct{}),
		reply:  transferComplete(),
	}
	s.xfer = t
	s.gauge.xfer.Store(t)
	return ctx, t
}

func (s *session) dataOptions(j job) data.Options {
	o := data.Options{
		Params:   s.params,
		Stall:    s.srv.limits().Stall,
		CodePage: s.srv.cfg.CodePage,
		Records:  s.records(),
		Level:    s.level,
	}
	if j.marks || j.verb == "RETR" {
		o.Offset = s.left.offset
	}
	if j.verb == "RETR" {
		o.MarkEvery = markEvery
	}
	return o
}

// run is the mover.
func (t *transfer) run(ctx context.Context, s *session, move func(ctx context.Context) error) {
	defer s.wake()
	defer t.poke()
	defer close(t.done)
	defer t.cancel(nil)
	t.err = move(ctx)
}

// carry meets the peer and moves the bytes. When it returns, the data
// connection is closed.
func (t *transfer) carry(ctx context.Context, s *session, m meeting, cover *cover, o data.Options) error {
	t.mu.Lock() // a line that is no command opens it as well
	withheld := t.withheld
	t.mu.Unlock()
	if withheld {
		patience := time.AfterFunc(eagerPatience, func() { t.open(s) })
		defer patience.Stop()
	}
	nc, err := m.connect(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return &fault{noDataConnection, "Can't open the data connection.", err}
	}
	nc, err = cover.protect(ctx, nc)
	c := data.NewConn(nc)
	if t.pace != nil && !t.kernels(nc) {
		c.Over(t.slowed(ctx, nc))
		o.Toll = nil
	}
	if err == nil {
		t.open(s)
		err = t.guarded(s, func() error { return t.move(ctx, c, o) })
	}
	if err == nil && t.ended != nil {
		*t.ended, err = cover.checkEnd(nc, o.Params, t)
	}
	if err != nil {
		// SECURITY: a reset, not an end: what was sent so far must not look
		// like a whole file to a peer that doesn't read replies. And a peer
		// that does not read at all can't keep the connection.
		reset(nc)
	}
	if cerr := closeData(ctx, nc, cover, c); err == nil && t.ended == nil {
		err = moved(cerr) // who has sent all may be gone before our farewell
	}
	return err
}

// kernels reports whether the kernel moves the bytes of a transfer. It then keeps
// to a rate, too, a share at a time: a copy of ours costs several times as much.
func (t *transfer) kernels(nc net.Conn) bool {
	_, tcp := nc.(*net.TCPConn)
	return tcp && t.direct
}

func (t *transfer) slowed(ctx context.Context, nc net.Conn) net.Conn {
	if t.pace == nil {
		return nc
	}
	return t.pace(ctx, nc)
}

// guarded turns a fault in the mover into an error: it must not take the
// server with it.
func (t *transfer) guarded(s *session, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.srv.cfg.Logger.Error("session failed", "sid", s.id, "fault", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = refuse(localFailure, "Internal error.")
		}
	}()
	return f()
}

// marker queues a 110 reply. RFC 959 §3.5: MARK, the sender's marker, and ours.
func (t *transfer) marker(s *session, marker string, at int64) error {
	t.mu.Lock()
	if len(t.markers) < maxMarks {
		t.markers = append(t.markers, fmt.Sprintf("MARK %s = %s", marker, data.FormatMarker(at)))
	}
	t.mu.Unlock()
	t.poke()
	s.wake()
	return nil
}

func (t *transfer) poke() {
	select {
	case t.signal <- struct{}{}:
	default:
	}
}

// wantsOwner reports whether the mover has something for the owner.
func (t *transfer) wantsOwner() bool {
	select {
	case <-t.done:
		return true
	default:
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.opening || len(t.markers) > 0
}

// takeMarkers is what is to be sent by now.
func (t *transfer) takeMarkers() (replies []proto.Reply) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.opening {
		replies = append(replies, t.mark)
		t.opening = false
	}
	for _, text := range t.markers {
		replies = append(replies, proto.Replyf(proto.RestartMark, "%s", text))
	}
	t.markers = nil
	return replies
}

func (t *transfer) info() live.Transfer {
	moved := t.moved.Load()
	return live.Transfer{Verb: t.verb, Path: t.path, Bytes: moved, Total: t.total, Rate: t.speed.at(t.since, moved), Since: t.since}
}

// tendTransfer sends what the mover has for the peer, the end included.
func (s *session) tendTransfer() {
	s.sendMarkers()
	select {
	case <-s.xfer.done:
		s.finish()
	default:
	}
}

func (s *session) sendMarkers() {
	for _, r := range s.xfer.takeMarkers() {
		s.conn.WriteReply(r)
	}
}

// finish gives the final reply of a transfer whose mover is gone.
func (s *session) finish() {
	s.sendMarkers()
	t := s.xfer
	s.xfer = nil
	s.count(t)
	if t.kept != nil {
		s.channel = t.kept
	}
	defer t.after.do()
	if t.silent {
		return
	}
	reply := t.reply
	if t.err != nil {
		reply = s.outcome(t.verb, t.err)
	}
	s.say(proto.Cmd(t.verb, t.path), reply, t.since)
	s.tellTransfer(t, reply) // before the client hears of it: who is killed then has told it
	if t.work != nil {
		return
	}
	s.srv.logTransfer(s, transferEvent{Transfer: t.info(), Took: time.Since(t.since), Err: t.err, Unsealed: t.ended != nil && *t.ended == endUnsealed})
	s.answerFirst()
}
