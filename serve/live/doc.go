// Package live is what others may know of a running server while it works:
// who is there, what they do, and what has happened. Package serve fills it in;
// the administrator's tools, metrics and hooks read it.
//
//	event.go    Event: something has happened, and how it ended
//	session.go  Session, Transfer, Stats, Ban: how things are now
//
// It knows nothing of FTP and of servers, so that both sides can import it.
package live
