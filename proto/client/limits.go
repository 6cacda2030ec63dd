package client

import "time"

// Default bounds of every wait. Config.Timeouts changes them.
const (
	// defaultConnect covers the lookup and TCP's first three SYNs (1, 3 and
	// 7 s) with room for a slow resolver.
	defaultConnect = 30 * time.Second
	// defaultReply is longer than the 10 s that servers delay a wrong password
	// and than the time that a disk needs to wake up.
	defaultReply = 60 * time.Second
	// defaultMeet is the time for a data connection to stand.
	defaultMeet = 30 * time.Second
	// defaultStall is how long a data connection may be silent: longer than a
	// route change or a tape robot, shorter than a night.
	defaultStall = 2 * time.Minute
	// defaultAbort is how long the replies to ABOR are waited for. A person
	// who pressed ^C waits as long.
	defaultAbort = 10 * time.Second
)

// Bounds that nobody needs to change.
const (
	// epsvMeet is the time for the first connection to a port that EPSV gave:
	// firewalls that don't understand 229 drop the SYN, and PASV is next.
	epsvMeet = 5 * time.Second
	// quitWait is how long QUIT's answer is waited for.
	quitWait = 2 * time.Second
	// lastWords is how long a broken connection is asked for the 421 that
	// says why.
	lastWords = 200 * time.Millisecond
	// hearWait is how long Hear reads: what has come is there already, and a
	// deadline that has passed would read nothing at all.
	hearWait = time.Millisecond
	// grace is how long data may go on once the final reply has come: what is
	// under way arrives, what hangs does not hold us.
	grace = 5 * time.Second
	// unwatched is how long a file of a flight may take before the control
	// connection is read beside it: a refusal without an end of the data is seen
	// that much later.
	unwatched = 10 * time.Millisecond
	// briefWait is how long a goroutine holds its thread for the next bytes of a
	// flight on this machine: they come within a fraction of it.
	briefWait = 5 * time.Millisecond
	// holdWait is the same for the bytes of one file, or for room for them: a server
	// that has no processor for a moment doesn't end it.
	holdWait = 20 * time.Millisecond
	// parting is how long a farewell under TLS may take, each way: it is
	// on its way already when it is waited for.
	parting = 2 * time.Second
	// maxChatter is how much a server may say on the data connection of an
	// upload, which is nothing, before it is not listened to any more.
	maxChatter = 1 << 20
	// oldSession is the age from which a TLS session may not be resumed any
	// more: OpenSSL's servers forget them after two hours, some sooner.
	oldSession = 30 * time.Minute
	// commitRate, in bytes a second, is the least at which a server is
	// expected to write away what it got, before its final reply: large files
	// get longer for it, ten minutes for 5 GiB.
	commitRate = 8 << 20
	// maxMarks is how many marks (1xx) one command may have. Restart markers
	// (110) are not counted: a long transfer has many.
	maxMarks = 32
	// maxStrays is how many replies that belong to nothing are passed over
	// behind a transfer: servers that say 226 twice.
	maxStrays = 4
	// maxStrangers is how many connections from elsewhere are turned away
	// while active mode waits for its server.
	maxStrangers = 64
	// batchBytes is how much is written at once, by DoAll or of several
	// transfers, and answered before the next: servers read this much in one
	// go, TLS and TCP carry it in one piece (measured on vsftpd, ProFTPD,
	// Pure-FTPd, pyftpdlib).
	batchBytes = 1000
	// windowBytes is batchBytes for several transfers at servers that take commands
	// in while a file moves, in clear (measured on vsftpd: 500 of 500 down and 300
	// of 300 up with more always under way): maxFlight files with temporary names
	// in a deep directory.
	windowBytes = 4000
	// commandBytes is the most that DoAll writes at once, in clear, where the
	// server has kept its place so far: the replies to so many fit into a socket of ours
	// that nobody reads yet, so that neither end waits for the other.
	commandBytes = 16 << 10
	// aheadBytes is how many bytes of commands are on their way over a lane: what
	// a socket holds without its reader, and some hundred files, which fill a
	// line of 100 ms and 100 MiB/s with files of 16 KiB.
	aheadBytes = 32 << 10
	// maxFlight is how many files are under way together: what one write takes
	// of short names, and the servers at hand have proved for.
	maxFlight = 32
	// maxNames is how many names NLST may give, maxNameBytes how many bytes
	// in all: they are kept in memory.
	maxNames     = 2_000_000
	maxNameBytes = 256 << 20
	// maxListing is how many bytes a listing may have: it streams, so this
	// only stops what has no end. A line of ls has about 70.
	maxListing = 4 << 30
)

func (t Timeouts) withDefaults() Timeouts {
	for _, f := range []struct {
		v *time.Duration
		d time.Duration
	}{
		{&t.Connect, defaultConnect},
		{&t.Reply, defaultReply},
		{&t.Meet, defaultMeet},
		{&t.Stall, defaultStall},
		{&t.Abort, defaultAbort},
	} {
		switch {
		case *f.v == 0:
			*f.v = f.d
		case *f.v < 0:
			*f.v = 0
		}
	}
	return t
}
