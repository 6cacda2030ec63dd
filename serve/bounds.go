package serve

import "time"

// Bounds of one session, beside the configurable ones in limits.go.
const (
	// maxStrikes is how many unknown commands a stranger may send. A person at
	// a terminal makes few; a browser or mailer that was sent here many.
	maxStrikes = 10
	// maxFailures is how many wrong passwords end a session: a person knows it
	// by the third, a guesser must come again and be counted again.
	maxFailures = 3
	// failureDelay is waited before the first refusal, and doubled for each
	// further one. Guessing gets slow, a typing mistake is not punished much.
	failureDelay = time.Second
	// maxPath is the longest path in bytes, as everywhere on Unix (PATH_MAX).
	maxPath = 4096
	// maxIdle is the longest SITE IDLE; longer silences die in NATs anyway.
	maxIdle = 2 * time.Hour
	// maxStatus is how much text STAT of a path may answer with. It is built in
	// memory, unlike a listing; 1 MiB is more than ten thousand names.
	maxStatus = 1 << 20
	// maxWalk is how many entries one listing with -R, or one glob, may look
	// at: a command of ten bytes must not cost minutes.
	maxWalk = 200_000
	// maxDepth is how deep LIST -R descends.
	maxDepth = 16
	// maxStars is how many stars one part of a glob may have. Matching takes
	// time that grows with pattern times name only, but few need more.
	maxStars = 8
	// maxCount is the largest file that SIZE counts in TYPE A, where the size
	// on the wire is known only after reading it all..
	maxCount = 16 << 20
	// maxMarks is how many restart markers may wait for the owner to send
	// them; a peer that sends a marker for every byte is not worth more.
	maxMarks = 64
	// markEvery is the number of file bytes between restart markers in modes B
	// and C: what is sent twice, at most, after a cut.
	markEvery = 16 << 20
	// listChunk is how much of a listing is gathered before it is written.
	listChunk = 16 << 10
	// uniqueTries is how many random names STOU tries.
	uniqueTries = 8
)
