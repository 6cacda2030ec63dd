package bulk

import "time"

// Bounds of the engine. Options change those that a user has a say in.
const (
	// longestLink is the longest text of a link that systems keep (PATH_MAX).
	longestLink = 4096

	// maxSessions is how many control connections are used where nobody says
	// otherwise: more than most servers allow one address, so growth ends by
	// measuring or by the server's refusal.
	maxSessions = 16
	// firstSessions is what a run with work for more than one begins with.
	firstSessions = 2
	// farTrip is the round trip from which the sessions of a run with small
	// files begin together, farSessions how many, and from which a big file comes
	// in segments by itself: below it the work of the two ends counts, and more
	// sessions may not pay.
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
	// fileWorth is what a file counts for beside its bytes when
	// goodput is measured: about what a link carries in its round trips.
	fileWorth = 64 << 10

	// smallFile is the size up to which files are carried in groups; larger
	// ones have a session to themselves.
	smallFile = 256 << 10
	// groupFiles and groupBytes bound a group: one write of about 1,000 bytes
	// has room for the commands of so many with short names, and no group holds
	// a session long.
	groupFiles = 32
	groupBytes = 2 << 20

	// laneFiles and laneBytes bound a group at a server that takes any number
	// of files over one data connection: enough that its begin and end don't
	// count, little enough that the sessions have their share.
	laneFiles = 1024
	laneBytes = 64 << 20

	// segmentFile is the size from which a file comes in segments by itself: that
	// for which another session is worth its login. segmentLeast is the least where
	// segments are asked for: two of a size that outlasts their own beginning.
	segmentFile  = sessionBytes
	segmentLeast = 2 << 20
	// maxSegments is how many segments one file may have at once: as many as
	// there are sessions without being asked.
	maxSegments = maxSessions
	// firstSegments is how many begin together, as soon as their sessions stand,
	// or after readyTrips round trips (about a login and a half), at most
	// readyWait: two or three fill a line of 1 Gbit/s and 50 ms
	// (measured), and one that comes later to a line in use stays slow for long.
	firstSegments = 3
	readyWait     = time.Second
	readyTrips    = 10
	// stealBytes and stealTime are the least that is left of each half when a
	// segment is shared with an idle session: less would be there before its
	// data connection has come up to speed.
	stealBytes = 256 << 10
	stealTime  = 200 * time.Millisecond
	// maxBegin is what the begin of a segment is taken to last while none has
	// begun, and warmTurns how many turns of meterEvery its own rate is not yet
	// what it will be.
	maxBegin  = 300 * time.Millisecond
	warmTurns = 5
	// segmentWrite bounds one write into a part, and is the least that is left of
	// each half where the line loses packets: what is being written is never taken
	// away meanwhile.
	segmentWrite = 64 << 10
	// seamBytes is how much is read beyond the end of a segment, to be compared
	// with what the next one has brought.
	seamBytes = 4 << 10
	// firstRange is how much of an upload in segments makes its file, before other
	// sessions write into it: little, since they wait for it.
	firstRange = 64 << 10
	// maxRange bounds a segment of an upload: if its session is lost, all of it is
	// sent again. Each costs four round trips and a begin.
	maxRange = 128 << 20
	// comparePiece is the least that is compared at once of what an earlier try has
	// left, and maxPieces how often it is asked: two round trips each.
	comparePiece = 1 << 20
	maxPieces    = 64
	// checkPiece is how much of an upload the server sums up for one reply: a slow
	// disk reads it in well under a minute.
	checkPiece = 1 << 30
	// recordEvery is how often a part in segments notes what it has: what is
	// lost of it when the machine dies.
	recordEvery = time.Second
	// meterEvery is how long goodput is measured at once while segments are
	// added: some round trips; settleTurns is how often at most, while it
	// still climbs.
	meterEvery  = 100 * time.Millisecond
	settleTurns = 12
	// segmentGain is what one more segment must bring to be followed by another,
	// and segmentWorth how long the rest must still take.
	segmentGain  = 1.1
	segmentWorth = 5 * time.Second
	// lossyRate, in bytes a second, is what a segment has at most where a loss is
	// the line's: whoever fills a buffer of his own loses at more than that.
	lossyRate = 8 << 20
	// maxSegmentFaults is how many helping sessions may fail before a file goes
	// on with those that are left.
	maxSegmentFaults = 16

	// slowSum is how long a checksum may take the server, if that is longer than
	// the transfer was too, before large files are compared by size only.
	slowSum = 5 * time.Second
	// slowestSum, in bytes a second, is what a server must sum up at least:
	// slower than any disk that others wait for, too.
	slowestSum = 16 << 20
	// maxSumRefusals is how many checksums in a row a server may refuse before it
	// is not asked any more: one may be the file's fault.
	maxSumRefusals = 3

	// The defaults of Retry.
	retryAttempts = 5
	retryDelay    = time.Second
	retryMaxDelay = time.Minute
	retryHost     = 2 * time.Minute
	retryRun      = time.Hour
	// maxFruitful bounds the attempts of one file that each came further
	// and broke: a link that carries a little each time gets its chance, but
	// not for ever.
	maxFruitful = 100
	// maxMismatch is how often a file is sent again because its copies differ
	// or it changed meanwhile: once may be chance, twice is not.
	maxMismatch = 2

	// readBack is how many bytes one sync reads back to tell files that are the
	// same from those that changed at both ends: what a run that was cut off has
	// sent, and not all of a tree that somebody copied by other means.
	readBack = 64 << 20

	// listingWorth is how many bytes of commands for times take longer than one
	// more listing, which is three round trips: each carries 16 KiB at best.
	listingWorth = 48 << 10
	// listingWorthNear is the same where round trips are nothing: a listing is less
	// work for both ends than the times of some forty files (ProFTPD: a seventh).
	listingWorthNear = 1 << 10

	// roomWorth is from how many bytes on a server is asked for its room: less
	// is sent as quickly as asked about.
	roomWorth = smallFile

	// scoutDirs is how many directories are worth a session that helps to list
	// them: three round trips each, beside the nine of its login and the two of
	// its end.
	scoutDirs = 6

	// maxSwept is in how many directories a run that goes on looks for what the
	// earlier one has left: each is a listing.
	maxSwept = 100

	// maxParts is how many runs may bring the same file at the same time: each has a
	// part of its own, and more is a mistake somewhere.
	maxParts = 8

	// maxMarks is how many sources are open at once only to be marked as this
	// run's: far fewer than the descriptors that systems allow.
	maxMarks = 200

	// farewell is how long the QUIT of a session that is not needed any more
	// may take, and what it does when the run is cancelled may take to end.
	farewell = 2 * time.Second
)
