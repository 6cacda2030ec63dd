package store

import "time"

const (
	// partAge is how long a part is kept: long enough for a nightly job to
	// resume what broke the night before.
	partAge = 24 * time.Hour
	// partSlots is how many uploads of one name by one owner may run at once
	// and leave parts that are found again: one broken, one being sent anew,
	// and some for a client that reconnects before its old session has died.
	// Each slot costs a look at the end of each upload.
	partSlots = 4
	// firstChunk is how many names a listing takes from the system at first: few
	// enough that they leave early; most directories have no more. listChunk is
	// how many later: some 120 KiB, and work enough for a goroutine of its own.
	firstChunk = 128
	listChunk  = 512
	// listAhead is how many chunks are looked at beside the one that is being
	// sent. Two are enough for two cores; more cores would wait for the sender.
	listAhead = 2
	// recount is how soon after a count of a tree the next one may be: a client
	// that tries again and again to get past its quota must not cost a walk
	// each time.
	recount = time.Second
	// maxLinks is how many symbolic links may follow one another at the end
	// of an upload's name, as in Linux's path_resolution(7).
	maxLinks = 40
)
