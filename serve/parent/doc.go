// Package parent keeps a server up: a small process holds the listening
// sockets, starts the server as its child, and starts it again when it dies or
// no longer answers.
//
//	parent.go    Parent: the loop that owns the children
//	child.go     one child: how it is started, asked, and ended
//	reason.go    why a child is gone, and how long to wait before the next
//	probe.go     the question that shows that a child works: an FTP login and NOOP
//	worker.go    Worker: the child's end
//	sockets.go   sockets that are handed over: by a parent, or by systemd
//	channel.go   what parent and child say to each other; channel_unix.go how
//	orphan_*.go  a child does not outlive its parent
//	limits.go    every bound, with its reason
//
// # One mechanism
//
// Whatever replaces a server hands it sockets in the way of systemd
// (LISTEN_FDS): systemd itself, a parent after a death, a parent that was told
// to take another binary or other settings. The listening sockets are never
// closed in between, so connections wait in their backlog and none is refused.
//
//	parent ── holds :21, starts ──▶ child (serves)
//	  │                               dies ──▶ the next one, at once
//	  └─ upgrade ──▶ child (starts) ─ready─▶ serves
//	                 the former one ─retire─▶ accepts nobody, ends with its last session
//
// # What they trust
//
// The parent and its children speak over a pair of Unix sockets without a name:
// nobody else can. The parent trusts nothing that a child says with more than
// its own replacement. See serve/TRUST.md.
package parent
