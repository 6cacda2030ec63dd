// Package hook tells others what has happened at a server: programs, which are
// started, and web servers, which get a signed POST. A program may also veto an
// upload before it gets its name.
//
//	hook.go      Rules: what is told to whom; Hooks
//	program.go   one program: words, environment, bounds
//	runner.go    the process that runs programs where the server itself may not,
//	             and where the server may die; apart_*.go
//	queue.go     what web servers are still to be told, on disk
//	webhook.go   POST, signed; again until it is taken
//	limits.go    every bound, with its reason
//
// # Names and hashes
//
// What ferry's client uploads under a temporary name is told under the name that
// it is renamed to, and the rename behind it. Other clients' temporary names can't
// be told from any others: hook rename as well, and look at the new name. A veto
// is asked before the rename, about the name of the moment. Uploads have the
// SHA-256 of what has been stored, but for files above 1 GiB that came in ranges;
// whole downloads have it where the bytes pass through the server, with TLS or as
// another type or mode than the file's own: plain ones go from the file to the
// network in the kernel, and are not read for it.
//
// # A program
//
// It gets its own words, then the event, the path, and the new name where there
// is one; the whole event as JSON on its standard input; and an environment with
// nothing of the server's in it. There is no shell. Its status tells a veto: 0
// takes the upload, 1 turns it away, and all else has failed, which turns it
// away as well. What programs are told of, the runner has before the client has its
// reply: a server that is killed then loses none of it, and what waits is run
// within two minutes. (What ends the runner too, as a power cut does, ends what
// waits; a web server's queue is on disk.)
//
// # A web server
//
// What it is told was written to the state directory before, and stays there
// until it has answered 2xx: it may hear of something twice, and by Ferry-Id knows
// it, but never not at all, as long as a rule names it: what waits for an address
// that none names any more is dropped, and the log says so. Ferry-Signature is the HMAC-SHA256 of the
// time in Ferry-Time, a dot, and the body.
package hook
