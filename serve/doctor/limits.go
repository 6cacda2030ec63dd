package doctor

import "time"

const (
	// lookup is how long a name is looked up.
	lookup = 5 * time.Second
	// soon is how long before its end a certificate is worth a word.
	soon = 14 * 24 * time.Hour
	// maxTried is how many passive ports are bound to see that they are free.
	maxTried = 500
	// fewPorts: with a port an address, fewer can't serve several transfers from
	// behind one NAT at once.
	fewPorts = 4
	// lowDisk and lowInodes are what is worth a word.
	lowDisk   = 1 << 30
	lowInodes = 10_000
	// filesPerSession is a control connection, a data connection, a file, and
	// room for a listing that walks.
	filesPerSession = 4
	// fewWaiting is a backlog that a burst of clients overruns.
	fewWaiting = 1024
	// maxChain is how many certificates of a file are looked at.
	maxChain = 20
)
