// Package serve is the server end of FTP.
//
//	config.go     Config, and what may be wrong with it
//	server.go     Server: listeners, shutdown
//	registry.go   who is connected, and who else may be; backoff.go: accept
//	              that fails
//	session.go    session: the owner loop of one control connection
//	park*.go      sessions whose clients are silent, without a goroutine
//	dispatch.go   the gates between a client and a handler
//	standing.go   what a session's user may now, and how sessions end whose user
//	              is gone; walled.go: permissions of directories; quotas.go;
//	              pace.go: rates
//	guard.go      who has guessed, and who connects too often
//	table.go      one row a command
//	cmd_*.go      the handlers: login, hosts and mounts, parameters, options,
//	              connections, files, ranges, hashes, facts, directories,
//	              listings, information; site*.go for SITE; umask.go
//	words.go      arguments that hold several names
//	transfer.go   one transfer: the mark, the mover, the outcome
//	eager.go      when the mark of an encrypted upload is sent
//	brief.go      small files, which the owner moves itself; linger.go: and
//	              waits for without the runtime, or beside their mover
//	outcome.go    the only place where an error becomes a reply
//	vpath.go      the only way from an argument to a path
//	listing.go    what LIST, NLST, MLSD and STAT show; glob.go their patterns
//	passive.go    data connections that come in; ports.go: the listeners that
//	              all sessions share; porter.go: who accepts on them;
//	              public.go: the address to announce
//	channel.go    CHAN: one data connection for many files
//	spread.go    ALLO and RANG: one file over several sessions
//	active.go     data connections that go out, to the control peer only; fxp.go: or to a trusted server
//	tls.go        TLS of a server; cmd_tls.go: AUTH, PBSZ, PROT, and what may be
//	              said in clear; cmd_ccc.go: commands in clear again
//	protect.go    TLS of data connections; tickets.go: whose they are;
//	              sealed.go: uploads that were cut; sscn.go: servers among themselves
//	event.go      what is told to Config.Observe; live.go what the administrator
//	              sees and does; expel.go: sessions that somebody else ends;
//	              guard_shut.go: bans; speed.go: how fast a transfer is
//	gauge.go      what other goroutines may read of a session
//	seam.go       what Server and session ask of each other
//	limits.go     every bound, with its reason
//	log.go        the two log events: command and transfer
//	roots.go      users' directories as stores
//	daemon.go     `ferry serve`: listen.go, password.go, hello.go (what it prints),
//	              daemon_tls.go, daemon_acme.go (acme.go with -tags acme), state.go (what it keeps)
//	supervise.go  --watchdog: the parent process, which keeps a daemon up, and
//	              (supervise_admin.go) what administrators reach it by;
//	              handed.go what it hands over, running.go the daemon below it,
//	              probed.go its probes, sharing.go passive ports of two processes,
//	              reload.go and mutable.go settings that are read again; signals_*.go, notify.go
//	config_file.go the layers of settings (package settings): command line,
//	              environment, file; virtual.go [[server]]; service.go what
//	              systemd, launchd and Windows want
//	confine.go    what a daemon gives up once it runs: runas_*.go root,
//	              capabilities_linux.go, confine_linux.go Landlock
//	edit.go       `ferry users`; edit_rules.go: what a user may
//	examine.go    `ferry doctor` at home
//	gathered.go   uploads that come in ranges are told as one
//	withhold.go   uploads under temporary names are told when they have a better one
//	veto.go       uploads that others look at first; daemon_hook.go: who is told what
//	orders.go        what the administrator has said and outlasts a process;
//	                 daemon_orders.go: where it is kept
//	daemon_admin.go  how the administrator reaches a daemon; cli_ctl.go: `ferry ctl`
//	daemon_web.go  where the administrator's page is
//	logfile.go    where the log goes, the journal of events and the xferlog; syslog_*.go
//	cli.go        the command line; cli_limits.go: its limits
//
// CONFORMANCE.md lists what the RFCs ask, TRUST.md what ferry trusts and which
// attacks it withstands, both with the tests that show it.
//
// Below it: live (what others may know of a running server), store (where files
// live), users (who may), certs (what is shown), doctor (is this machine fit to
// serve?).
//
// # A session
//
// One goroutine owns a session: it reads commands, obeys them through the
// table and writes every reply. While it waits it holds no buffer, and there
// is no other goroutine. When a client says nothing for a moment, there is none
// at all where the system can watch many sockets at once: whatever comes next
// gives the session a new one.
//
// A transfer is one goroutine more, the mover (and so is work that may take
// long, such as a hash or a copy, but without a data connection). It meets the peer, moves the
// bytes, closes the data connection and commits or discards the file. The owner reads
// on meanwhile: ABOR, STAT, NOOP and QUIT are answered at once; the first other
// command is held, and reading stops until the mover is done. The mover wakes
// the owner by putting its read deadline in the past. Deadlines that pass are
// hints: the owner looks at what is true and reads on if nothing is.
//
// # Many files over one data connection
//
// CHAN, which FEAT announces (CHAN SHA-256), keeps a data connection in MODE B
// open, so that a small file costs no round trip. Nobody need know of it: who
// never says CHAN meets an FTP server as any other, `set channel off` keeps our
// own client from it, and it uses none with a server that doesn't announce it,
// or refuses it.
//
//		TYPE I, MODE B, EPSV (or PASV, EPRT, PORT); connect, then CHAN ─▶ 225
//		RETR a ─▶ 125, the file, 250        STOR b ─▶ 125, the file, 250
//	                                    STOR c ─▶ 550, and yet its file
//
// The rules:
//
//   - CHAN out of TYPE I, STRU F, MODE B, or without a connection agreed on: 503.
//     Nobody comes: 425. Under PROT P it is encrypted once, before the 225.
//   - Commands may be sent ahead, replies and files come in their order. Other
//     commands may stand between, and find the channel at rest.
//   - To each STOR, APPE and STOU belongs exactly one file on the channel, also
//     where it is refused: the server reads past it. Who sees the refusal in time
//     cuts the file short. To a refused RETR belongs none. Listings go over
//     it, too, without a sum.
//   - How a file looks, its sum, its time and how it is cut short: package data.
//     A wrong sum, or a file called suspect, is 451; the channel goes on.
//   - MODE, TYPE or STRU other than its own, EPSV, PASV, EPRT, PORT, PROT, REIN,
//     the next CHAN, an ABOR or a stall in the middle of a file, and
//     256 MiB of a file that nobody wants end it; an ABOR between files is 225.
//   - Permissions, quotas, rates, overwrite policy, hooks and events are those of
//     any other transfer, asked anew for each file. A channel at rest doesn't
//     keep a session from being idle.
//
// # Who may say what
//
// Before login: what the table marks anyone, and at most ten lines that are
// no commands. After login: what the user's permissions allow, below the
// user's root, which is the store's to hold. Data goes to the host of the
// control connection only. Passwords are heard over TLS, or from loopback.
// What came before AUTH is forgotten, and what came behind it in clear ends the
// session. Nobody learns anything about the host's own paths,
// errors or other users.
package serve
