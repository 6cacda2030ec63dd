package bulk

import "time"

// Bounds of the engine. Options change those that a user has a say in.
const (
	// maxSessions is how many control connections are used where nobody says
	// otherwise: more than most servers allow one address, so growth ends by
	// measuring or by the server's refusal.
	maxSessions = 16
	// firstSessions is what a run with work for more than one begins with.
	firstSessions = 2
	// farTrip is the round trip from which the sessions of a run with small
	// files begin together, farSessions how many: below it the work of the two
	// ends counts, and more sessions may not pay.
	farTrip     = 5 * time.Millisecond
	farSessions = 8
	// sessionFiles and sessionBytes are the work for which another session is
	// worth its login: about nine round trips, those of four small files.
	sessionFiles = 8
	sessionBytes = 16 << 20
	// growEvery is how long one number of sessions is measured before another
	// is tried, and growGain what a doubling must bring to be followed by the next.
	growEvery = 500 * time.Millisecond
	growGain  = 1.2
	// growSample is the goodput that each session must have had before it is measured.
	growSample = 4 * fileWorth
	// fileWorth is what a finished file counts for beside its bytes when
	// goodput is measured: about what a link carries in its round trips.
	fileWorth = 64 << 10

	// smallFile is the size up to which files are carried in groups; larger
	// ones have a session to themselves.
	smallFile = 256 << 10
	// groupFiles and groupBytes bound a group: one write of about 1,000 bytes
	// has room for the commands of so many, and no group holds a session long.
	groupFiles = 16
	groupBytes = 2 << 20

	// laneFiles and laneBytes bound a group at a server that takes any number
	// of files over one data connection: enough that its begin and end don't
	// count, little enough that the sessions have their share.
	laneFiles = 1024
	laneBytes = 64 << 20

	// The defaults of Retry.
	retryAttempts = 5
	retryDelay    = time.Second
	retryMaxDelay = time.Minute
	retryHost     = 2 * time.Minute
	retryRun      = time.Hour
	// maxFruitful bounds the attempts of one file that each moved something
	// and broke: a link that carries a little each time gets its chance, but
	// not for ever.
	maxFruitful = 100
	// maxMismatch is how often a file is sent again because its copies differ
	// or it changed meanwhile: once may be chance, twice is not.
	maxMismatch = 2

	// farewell is how long the QUIT of a session that is not needed any more
	// may take.
	farewell = 2 * time.Second
)
