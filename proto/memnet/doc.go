// Package memnet is a network in memory: hosts with addresses, listeners,
// dials, connections. The sandbox runs on it, and so do tests that want
// virtual time.
//
//	n := memnet.New()
//	server := n.Host(netip.MustParseAddr("192.0.2.1"))
//	client := n.Host(netip.MustParseAddr("192.0.2.2"))
//	n.Name("ftp.example", netip.MustParseAddr("192.0.2.1"))
//	l, _ := server.Listen(ctx, "tcp", ":21")
//	c, _ := client.DialContext(ctx, "tcp", "ftp.example:21")
//
// Delay gives it distance, Filter a firewall.
//
// It is TCP as a program sees it on Linux: addresses are *net.TCPAddr, each
// direction is buffered, a peer that has gone answers EPIPE, one that closed
// with bytes unread (or called Reset) ECONNRESET, errors are *net.OpError.
// What is missing: options of the socket, urgent data, loss.
//
// Nothing but mutexes, conditions and timers is used, so that everything
// works within a testing/synctest bubble; the Network must then be made in it.
//
//	network.go   who is there: hosts, names, routes
//	host.go      one host: Listen and DialContext, that is proto.Network
//	listener.go  connections that wait to be accepted
//	conn.go      one end of a connection: two pipes
//	pipe.go      one direction, and its deadlines
package memnet
