//go:build !unix

package proto

// receive waits for bytes and puts them into c.in.
func (c *Conn) receive() error { return c.receiveSmall(c.NetConn()) }
