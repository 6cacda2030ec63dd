package serve

import (
	"context"
	"net"
	"time"

	"ferry/serve/live"
)

// The two halves of this package meet here. Server (server.go, passive.go,
// active.go, log.go) knows listeners, limits and who is connected; session
// (session.go and what it calls) knows FTP. Server gives a session:
//
//	srv.cfg                                     Config, complete, never changed after New
//	srv.table table                             newTable(cfg), built by New
//	srv.passive(ctx, s) (meeting, netip.AddrPort, error)
//	    The address is what 227 announces; 229 takes its port. It listens in the
//	    family of the control connection, so PASV over IPv6 is the session's to
//	    refuse. The session cancels its former promise first. Every error is 425;
//	    it may come after Limits.Meet, when no port is free for this peer.
//	srv.active(s, to netip.AddrPort) (meeting, error)
//	    The error is an *AddressError.
//	srv.ownHost() Host, srv.hostNamed(…)        what HOST chooses from
//	srv.open(ctx, host, record, now) (store.Store, error)
//	    The store of a user, with quota, permissions and ReadOnly applied.
//	    now is the record as it is when it is asked.
//	srv.logCommand(s, cmd, reply, took)         log event "command"
//	srv.logTransfer(s, transferEvent)           log event "transfer"
//	srv.tell(live.Event)                        to whom Config.Observe names
//
// A session gives Server: newSession, run, drain, info, and the fields id,
// peer, local and log, which never change.

// meeting is the promise of one data connection: made by PASV, EPSV, PORT or
// EPRT, kept by the next transfer.
type meeting interface {
	// connect waits for the peer, or dials it, for at most Limits.Meet. Every
	// error is answered with 425. It is called once.
	connect(ctx context.Context) (net.Conn, error)
	// open reports whether the peer's connection is there already.
	open() bool
	// cancel gives the promise up; after connect it does nothing.
	cancel()
}

// transferEvent is a transfer that ended.
type transferEvent struct {
	live.Transfer
	Took     time.Duration
	Err      error // nil: complete
	Unsealed bool  // an encrypted upload came without close_notify
}
