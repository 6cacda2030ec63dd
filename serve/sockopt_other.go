//go:build !linux

package serve

import "net"

// tune leaves everything to the connections: what they inherit from their
// listener differs between systems.
func tune(net.Listener) (each func(net.Conn)) { return tuneConn }
