package hook

import "time"

const (
	// programTime is how long a program may run that is only told.
	programTime = 30 * time.Second
	// vetoTime is how long a program may look at an upload: a client waits for
	// its 226 meanwhile, most of them a minute or more.
	vetoTime = 50 * time.Second
	// maxOutput is how much of what a program says is kept, for the log.
	maxOutput = 4 << 10
	// programsAtOnce is how many run at once; vetoes have as many of their own,
	// so that no backlog of news holds an upload up.
	programsAtOnce = 4
	// maxWaiting is how many events wait for a program, in memory; what comes
	// then is dropped, and told.
	maxWaiting = 4096
	// maxQueued is how many events wait for web servers, on disk: about 5 MB.
	maxQueued = 10_000
	// postTime is how long a web server has to answer.
	postTime = 20 * time.Second
	// firstPause doubles up to longestPause between tries.
	firstPause   = time.Second
	longestPause = 5 * time.Minute
	// maxSecret is the largest file that a secret is read from.
	maxSecret = 4 << 10
	// lastWill is how long a runner goes on without its server: for what the
	// server has told it, and has been killed since.
	lastWill = 2 * time.Minute
	// postponed is what the runner adds to the time of the longest program: the
	// server's word should come first.
	postponed = 5 * time.Second
	// farewell is how long the end of the server waits for what is under way.
	farewell = 5 * time.Second
)
