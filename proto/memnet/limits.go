package memnet

import "time"

const (
	// pipeSize is how many bytes a direction holds before its writer waits: the
	// order of a socket's buffers, so that stalls show as they do on TCP.
	pipeSize = 64 << 10
	// backlog is how many connections wait to be accepted; more are refused.
	backlog = 1024
	// dialTimeout is when a dial that nobody answers is given up, as by Linux
	// after six SYNs.
	dialTimeout = 127 * time.Second
	// firstPort is where the ports begin that nobody chose. RFC 6335 §6.
	firstPort = 49152
)
