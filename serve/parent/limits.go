package parent

import "time"

const (
	// probeEvery is the pause between two probes of a child: a hung server is
	// worth a second or two, and a probe costs less than a login.
	probeEvery = 2 * time.Second
	// DefaultPatience is how long a probe may take: a machine that swaps
	// answers late, and must not lose its sessions for that.
	DefaultPatience = 10 * time.Second
	// aliveEvery is how often a service manager hears that the parent is in its
	// senses: often enough for a WatchdogSec of half a minute.
	aliveEvery = 10 * time.Second
	// startPatience is how long a child may take to be ready: certificates
	// from an authority and names that are looked up come before that.
	startPatience = 2 * time.Minute
	// outputDelay is how long a dead child's programs may keep its output to
	// themselves: nobody waits for them.
	outputDelay = time.Second
	// lastWords is how long what a dead child has said is read: it is all there,
	// unless a program of its own holds the channel open.
	lastWords = time.Second
	// soonDead is how short a life counts as none.
	soonDead = time.Second
	// freeDeaths is how many such deaths in a row don't delay the next start.
	freeDeaths = 5
	// delayMin and delayMax bound the pause after more of them: it doubles.
	delayMin = 100 * time.Millisecond
	delayMax = 30 * time.Second
	// maxRetired is how many former children may live on with their sessions.
	// Each is a process; the oldest is asked to end when there are more.
	maxRetired = 4
	// stopGrace is how long after its own bound (the server's drain time) a
	// child that was told to stop may live on.
	stopGrace = 15 * time.Second
	// maxMessage bounds what parent and child say at once: certificates and
	// settings, a few KiB each.
	maxMessage = 8 << 20
	// sendPatience bounds a message to a child that does not read.
	sendPatience = 5 * time.Second
)
