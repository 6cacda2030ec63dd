package journal

import "time"

const (
	// maxJournal is how much of a journal is read, in bytes: some five million
	// files.
	maxJournal = 1 << 30

	// maxRecord is the longest line, in bytes: two paths of 4096 bytes, each
	// byte escaped, or the names that a loop goes over.
	maxRecord = 64 << 20

	// syncEvery is the longest time in which a group of records is on its way
	// to the disk. What a power cut takes with it is compared, and done again.
	syncEvery = 200 * time.Millisecond

	// maxWho is how much is read of what a lock says of its holder, in bytes.
	maxWho = 200

	// Keep is how long the journal of a broken run is kept.
	Keep = 30 * 24 * time.Hour
)
