package serve

import "net"

// A client that sends many small files answers within microseconds. To put the
// owner's goroutine to sleep for that long, and to find it again among all others,
// costs more than the command; so where nobody else needs the processor, the
// owner waits in the system itself for a moment.

// lingers reports whether the owner may wait for its client in that way.
func (s *session) lingers() bool {
	// Bytes that TLS has read already wouldn't end the wait.
	return s.in() && s.tls == nil && s.srv.awake.Load() == 1
}

// linger waits until something comes, but no longer than lingerTime.
func (s *session) linger(nc net.Conn) {
	if !s.lingers() {
		return
	}
	if raw := rawConn(nc); raw != nil {
		inputWithin(raw, lingerTime)
	}
}
