package users

import "time"

const (
	// maxFile is the largest users file that is read, in bytes: some 50,000
	// users.
	maxFile = 16 << 20
	// maxName is the longest name of a user, in bytes.
	maxName = 255
	// maxHashes is how many passwords are checked at once: each takes 19 MiB
	// and a core for some hundredths of a second; strangers must not be able
	// to take more. The rest waits.
	maxHashes = 2
	// tidyAfter is how long after a hash its memory is given back: a collection of
	// garbage costs a tenth of the hash, and there is no more than one a second.
	tidyAfter = time.Second
	// maxVerified is how many good passwords are remembered (as 32 bytes each),
	// so that the many logins of one client cost one hash.
	maxVerified = 10000
	// minRate is the lowest rate of transfers, in bytes a second: below, the
	// clocks that find stalled connections would end them.
	minRate = 1 << 10
	// outsideTime is how long a program or an HTTP server may take to answer
	// for a login; the client waits meanwhile, and gives up after some more.
	outsideTime = 5 * time.Second
	// outsideGrace is how long a program that was ended may hold its output open.
	outsideGrace = time.Second
	// maxOutside is how many are asked at once: each may be a process.
	maxOutside = 8
	// maxAnswer is how much is read of an answer: a record is much shorter.
	maxAnswer = 64 << 10
	// settle is how old a file must be for its time to tell it from one that
	// is written right after it.
	settle = 2 * time.Second
)

// Bounds of the parameters in a hash. A users file is trusted, but a slip in
// it must not take the server's memory.
const (
	maxMemory  = 256 << 10 // KiB
	maxTime    = 16
	maxThreads = 16
	minSalt    = 8
	maxSalt    = 64
	minSum     = 16
	maxSum     = 64
)
