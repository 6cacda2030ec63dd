package script

import "time"

// Bounds of the language. What passes one is refused with a line that says so.
const (
	// MaxLine is the longest line of a script, in bytes: some paths of 4096
	// bytes. A binary file given as a script ends here.
	MaxLine = 64 << 10

	// MaxScript is the largest script, in bytes: a million lines of names.
	MaxScript = 64 << 20

	// MaxValue is the longest value that ${file:…} puts in, in bytes: a
	// password or a name, not a file's content.
	MaxValue = 64 << 10

	// MaxMatches is how many names a pattern may match.
	MaxMatches = 1 << 20

	// MaxDepth is how deep ** and recursive verbs go. A server can make a
	// directory its own child.
	MaxDepth = 100

	// MaxCalls is how deep macros may call each other: one that calls itself
	// ends here.
	MaxCalls = 50

	// maxDiff is the longest file, in bytes, whose difference is shown, and
	// maxDiffLines how many lines it may have: the comparison takes 2 bytes
	// for each pair of lines.
	maxDiff      = 1 << 20
	maxDiffLines = 4000

	// maxEdit is the longest file, in bytes, that edit fetches: what is longer
	// was not written in an editor.
	maxEdit = 64 << 20

	// maxColumn is how wide a column of a table for people becomes: what is
	// longer goes over its edge.
	maxColumn = 24

	// MaxNesting is how deep blocks may stand in one another: nobody reads more.
	MaxNesting = 50

	// MaxTurns is how often one for may run its lines: as many names as a
	// pattern may match. There is no other loop, so every script ends.
	MaxTurns = MaxMatches

	// MaxTries is the most that retry takes.
	MaxTries = 1000

	// MaxParallel is the most that parallel takes, and how many jobs run at
	// once; what is more waits. Servers allow fewer sessions of one user.
	MaxParallel = 64

	// MaxPriority is the highest priority of a job: more steps than anybody tells
	// apart.
	MaxPriority = 1000

	// MaxJobs is how many jobs may wait.
	MaxJobs = 100_000

	// parkTime is how long the session of a job that has ended waits for
	// another: much shorter than what servers let one idle.
	parkTime = 30 * time.Second

	// retryDelay is how long retry waits where no time is given.
	retryDelay = 5 * time.Second

	// lastWords is how long all at-end blocks of a run may take after a
	// signal or a deadline: init systems kill 90 s after SIGTERM.
	lastWords = 30 * time.Second

	// atEndTime is how long they may take otherwise.
	atEndTime = 10 * time.Minute

	// commandGrace is how long the output of a local command is waited for
	// when it was killed: what it has started may hold it.
	commandGrace = time.Second
	// signalGrace is how long our own signal is waited for when a local command
	// has died of one: those that are meant for a whole group reach it first.
	signalGrace = 200 * time.Millisecond

	// usualAlive is how often an idle shell says NOOP: routers forget silent
	// connections after two minutes at the soonest, servers after five.
	usualAlive = time.Minute

	// maxCounted is how many names are counted before a person is asked
	// whether they shall go: beyond, the number makes no difference.
	maxCounted = 10_000

	// helpWidth is how wide texts of help are, in characters.
	helpWidth = 80

	// maxNear is the longest name that is compared with others for a near match.
	maxNear = 40

	// maxLogins is how often a person is asked for a password before the
	// shell gives up: servers drop or ban who tries more.
	maxLogins = 5

	// maxKnown is how much is read of the file of known servers: some 100,000.
	maxKnown = 16 << 20

	// maxJudgements is how often one connection is tried again after a
	// question about its server: one for the certificate, one for TLS.
	maxJudgements = 3

	// maxShownNames is how many names of a certificate are shown.
	maxShownNames = 8

	// maxPasswordWait is how long a password command may take: somebody may
	// have to unlock a store first.
	maxPasswordWait = 2 * time.Minute

	// MaxRecorded is how many commands a recording holds: more than anybody types
	// in a day. leastSecret is the shortest text that a recording looks for
	// wherever it stands; shorter ones are part of too many names.
	MaxRecorded = 10_000
	leastSecret = 4

	// MaxSeries is how many lines of puts or gets are handed to the engine
	// together: each costs some 2 KiB until all are done.
	MaxSeries = 10_000

	// maxNotify is how long the command of --on-failure may take: a mail server
	// may be slow, and a run that hangs behind its end helps nobody.
	maxNotify = time.Minute

	// watchDelay is how long watch lets changes rest: editors write in several
	// steps. watchPause is its longest pause before what failed is tried again.
	watchDelay = time.Second
	watchPause = 5 * time.Minute

	// farewell is how long QUIT may take when the work is done.
	farewell = 5 * time.Second
)
