package memnet

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// pipe is one direction of a connection.
type pipe struct {
	mu      sync.Mutex
	changed sync.Cond // any of the below

	buf   []byte // written and not yet read: buf[pos:]
	pos   int
	delay time.Duration // what bytes take to the other end
	late  []arrival     // the tail of buf that is under way, oldest first
	endAt time.Time     // when readEnd is there

	readEnd  error // what reads return once buf is empty: io.EOF, ECONNRESET
	writeEnd error // what writes return at once: EPIPE, ECONNRESET, net.ErrClosed
	closed   bool  // the reading end was closed: reads return net.ErrClosed at once
	writing  bool  // a Write is under way; others wait, so that writes don't mix

	readBy, writeBy deadline
}

// arrival is when the next so many bytes are there.
type arrival struct {
	bytes int
	at    time.Time
}

func newPipe(delay time.Duration) *pipe {
	p := &pipe{delay: delay}
	p.changed.L = &p.mu
	return p
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.closed:
			return 0, net.ErrClosed
		case p.readBy.passed:
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case p.arrived() > 0:
			return p.consume(b), nil
		case p.readEnd != nil && !time.Now().Before(p.endAt):
			return 0, p.readEnd
		}
		p.changed.Wait()
	}
}

// arrived is how many bytes can be read.
func (p *pipe) arrived() int {
	n := len(p.buf) - p.pos
	if len(p.late) == 0 {
		return n
	}
	now := time.Now()
	for len(p.late) > 0 && !p.late[0].at.After(now) {
		p.late = p.late[1:]
	}
	for _, a := range p.late {
		n -= a.bytes
	}
	return n
}

// waiting is arrived for others than the reader.
func (p *pipe) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.arrived()
}

// soon wakes the reader when what was sent now arrives.
func (p *pipe) soon() {
	if p.delay > 0 {
		time.AfterFunc(p.delay, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.changed.Broadcast()
		})
	}
}

func (p *pipe) consume(b []byte) int {
	n := copy(b, p.buf[p.pos:p.pos+p.arrived()])
	if p.pos += n; p.pos == len(p.buf) {
		p.buf, p.pos = p.buf[:0], 0
	}
	p.changed.Broadcast()
	return n
}

func (p *pipe) write(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine := false
	for {
		switch {
		case p.writeEnd != nil:
			err = p.writeEnd
		case p.writeBy.passed:
			err = os.ErrDeadlineExceeded
		case mine || !p.writing:
			mine, p.writing = true, true
			n += p.produce(b[n:])
		}
		if err != nil || mine && n == len(b) {
			break
		}
		p.changed.Wait()
	}
	if mine {
		p.writing = false
		p.changed.Broadcast()
	}
	return n, err
}

func (p *pipe) produce(b []byte) int {
	n := min(len(b), pipeSize-(len(p.buf)-p.pos))
	if p.pos > 0 && len(p.buf)+n > cap(p.buf) {
		p.buf, p.pos = p.buf[:copy(p.buf, p.buf[p.pos:])], 0
	}
	p.buf = append(p.buf, b[:n]...)
	if p.delay > 0 && n > 0 {
		p.late = append(p.late, arrival{n, time.Now().Add(p.delay)})
		p.soon()
	}
	p.changed.Broadcast()
	return n
}

// shut ends the writing end with CloseWrite: the reader reads what there is,
// then io.EOF.
func (p *pipe) shut() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.writeEnd != nil {
		return p.writeEnd
	}
	p.writeEnd = syscall.EPIPE
	p.end(io.EOF)
	p.changed.Broadcast()
	return nil
}

// end sends the end after what was written.
func (p *pipe) end(end error) {
	p.readEnd, p.endAt = end, time.Now().Add(p.delay)
	p.soon()
}

// closeWriter closes the writing end: the reader reads what there is, then end.
func (p *pipe) closeWriter(end error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.readEnd == nil || end == syscall.ECONNRESET {
		p.end(end)
	}
	p.writeEnd = net.ErrClosed
	p.writeBy.stop()
	p.changed.Broadcast()
}

// closeReader closes the reading end, which tells what it leaves unread and
// answers with what the peer hears of it: io.EOF, or ECONNRESET. ok is false
// when it was closed before.
func (p *pipe) closeReader(how func(unread int) error) (end error, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, false
	}
	end = how(len(p.buf) - p.pos)
	p.closed, p.buf, p.pos = true, nil, 0
	p.readBy.stop()
	switch {
	case p.writeEnd == net.ErrClosed:
	case end == io.EOF:
		p.writeEnd = syscall.EPIPE
	default:
		p.writeEnd = end
	}
	p.changed.Broadcast()
	return end, true
}

func (p *pipe) setReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return net.ErrClosed
	}
	p.readBy.set(&p.changed, t)
	return nil
}

func (p *pipe) setWriteDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.writeEnd == net.ErrClosed {
		return net.ErrClosed
	}
	p.writeBy.set(&p.changed, t)
	return nil
}
