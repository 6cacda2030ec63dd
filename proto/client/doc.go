// Package client is the user end of FTP. One Client is one control connection
// and what was learned of the server at its other end.
//
//	client.go    Client, Config; Do, Quote, Quit
//	wire.go      what is sent and what is owed; lost.go: the end of a connection
//	batch.go     DoAll: many commands, few writes
//	many.go      RetrieveBatch, StoreBatch; flight.go: how plain servers take them,
//	             near.go: those on this machine
//	lane.go lane_up.go  and how ferry's does: a data connection that stays
//	ending.go    FinishAll: times and names of many uploads
//	state.go     what the replies say about the session; step.go: which can't be ours
//	dial.go      lookup, connect, greeting
//	tls.go       AUTH TLS, the handshake, PROT; trust.go: whose certificates are good
//	seal.go      data connections under TLS; fallback.go: once more over TLS 1.2
//	login.go     USER, PASS, ACCT, FEAT
//	relay.go     FTP proxies, and what is known of the server behind any proxy
//	quirks.go    what the server can't do, or does in its own way
//	params.go    TYPE, STRU, MODE, sent when they are needed
//	datachan.go  data connections; passive.go: EPSV, PASV; active.go: EPRT, PORT
//	announce.go  ALLO: how many bytes come
//	store.go     Retrieve, Store, Append, StoreUnique
//	span.go      a part of a file; span_up.go: the other way; probe.go: how its packets come
//	transfer.go  how a transfer runs: prepare, begin, carry; finish.go: its end
//	watch.go     the control connection while data moves
//	abort.go     the way out of a transfer
//	fxp.go       Copy: from server to server; fxp_leg.go: one of the two; fxp_tls.go:
//	             who begins TLS between them
//	check.go     are these all the bytes?
//	files.go     sizes, times, names; dirs.go: directories
//	listing.go   List, ListRaw, Names; list_stat.go: by STAT;
//	list_dirs.go: many at once; stat.go: Stat
//	hash.go      HASH and its many relatives; hash_part.go: of a part; hash_all.go: of many
//	charset.go   names that are not in UTF-8
//	limits.go    every bound, with its reason
//	errors.go    what can go wrong, by type
//
// # Order
//
// A Client is used by one goroutine at a time; only Close, Broken and Quirks
// may be called from others. Every command that is sent is remembered until
// its last reply has come, in order. A call that ends early (its context was
// cancelled) leaves its reply owed, and the next call reads it first.
//
// # A transfer
//
//	EPSV ─▶ 229          the data connection is arranged
//	(REST ─▶ 350)
//	RETR ─▶ 150          the caller's goroutine moves the bytes; another one
//	  data ═════▶        reads the control connection meanwhile, so that a
//	       ─▶ 226        refusal ends the transfer at once
//	(SIZE ─▶ 213)        are these all the bytes?
//
// The byte count, not the reply, decides what was transferred. When the
// context ends, ABOR is sent and the replies are read within a bound; then the
// Client is usable, or Broken.
//
// # Trust
//
// Data connections are only made with the host at the other end of the control
// connection. Names are bytes and are sent as they are; CR, LF and NUL are
// refused. Whatever the server sends is bounded in size and in time.
//
// TLS begins before anything secret is said. A certificate is good when roots
// vouch for it, when it was accepted before, or when it is pinned; nothing turns
// this off. Each Client has its own TLS sessions, which bind its data
// connections to it. An end of data that the server did not announce under TLS
// is only believed where the size is right.
package client
