// Package bare has TCP connections that Go's poller need not know of.
//
// A connection of package net is watched by the poller of Go's runtime from its
// first moment to its last. Whatever comes on it wakes a thread there, also when
// nobody sleeps that it could wake: because its goroutine waits in the system, or
// because all has come before it asks. Where a client moves small files on a
// machine that does little else, these threads cost more than the files.
//
//	polled ─ Bare ─▶ bare     waits in the system, for a short time at most
//	       ◀─ Polled ─        and then goes back by itself
//
//	conn_linux.go    the connection; accept_linux.go, dial_linux.go: bare from
//	                 its first moment, at either end
//	call_linux.go    its system calls
//	send_linux.go, receive_linux.go: files that the kernel moves
//	polled_linux.go  the way back to the poller
//	conn_other.go    other systems, where there are none
package bare
