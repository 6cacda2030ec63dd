package serve

import (
	"context"
	"io"
	"net"
	"time"
)

// controlAlive reports errGone when the peer's control connection is closed.
//
// SECURITY: in stream mode the end of a file is the end of the data
// connection, and a client that dies ends both alike. Its control connection
// is the older one and is closed first, so that an upload which was cut by the
// client's death is not taken for a whole file (servers.md, T20).
func (s *session) controlAlive(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if peerClosed(s.nc) {
		return errGone
	}
	return nil
}

// counter is a connection to nowhere that counts what is written.
type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func (c *counter) Read([]byte) (int, error)         { return 0, io.EOF }
func (c *counter) Close() error                     { return nil }
func (c *counter) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *counter) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *counter) SetDeadline(time.Time) error      { return nil }
func (c *counter) SetReadDeadline(time.Time) error  { return nil }
func (c *counter) SetWriteDeadline(time.Time) error { return nil }
