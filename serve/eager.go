package serve

import (
	"net"
	"syscall"
)

// Some clients begin TLS on a data connection as soon as it stands, others
// after the mark. To the first the mark of an upload is sent when the handshake
// is done; the others need it to begin, and get it at once.
//
// Node's basic-ftp (5.0 and 6.2) is why: having the mark, it ends an empty
// upload from within its own handshake, where OpenSSL can't send close_notify,
// and sometimes not even the handshake's last message. So all its empty uploads
// were 426 or 522. With the mark after the handshake none of 1,200 was.

// early is a meeting that can tell whether the peer has begun to speak.
type early interface{ spoken() bool }

// spoken reports whether the peer's connection is there, and bytes on it.
func (p *promise) spoken() bool {
	p.look()
	select {
	case nc := <-p.arrived:
		p.arrived <- nc // there was room: nobody else comes
		return unread(nc)
	default:
		return false
	}
}

// unread reports whether something has come that was not read yet.
func unread(nc net.Conn) bool {
	switch c := nc.(type) {
	case interface{ Unread() bool }: // memnet
		return c.Unread()
	case syscall.Conn:
		raw, err := c.SyscallConn()
		return err == nil && peekable(raw)
	}
	return false
}

// withholds reports whether the mark of a job waits for the handshake. What a
// client has done once, it does again.
func (s *session) withholds(j job, c *cover, m meeting) bool {
	if c == nil || c.client || !j.marks {
		return false
	}
	if e, ok := m.(early); ok && e.spoken() {
		s.eager = true
	}
	return s.eager
}

// open lets the owner send the mark, if it was withheld.
func (t *transfer) open(s *session) {
	t.mu.Lock()
	withheld := t.withheld
	t.opening = t.opening || withheld
	t.withheld = false
	t.mu.Unlock()
	if withheld {
		t.poke()
		s.wake()
	}
}
