package admin

import "time"

const (
	// keptEvents is how many events are kept for those who ask later: some
	// minutes of a busy server, some hundred KiB.
	keptEvents = 4096
	// waitingEvents is how many may wait for one who listens and is slow; what
	// comes above is lost to them, and they are told how many.
	waitingEvents = 1024
	// maxBody is the largest request: a record of a user.
	maxBody = 64 << 10
	// maxListeners is how many may listen at once: pages and `log -f`.
	maxListeners = 64
	// maxConns is how many connections the page, the metrics and the socket have
	// at most, each of them: descriptors are for FTP. maxConnsFrom is for one
	// address: some browsers, each with six and two that stream.
	maxConns     = 256
	maxConnsFrom = 64
	// requestTime is how long a request may take to arrive.
	requestTime = 10 * time.Second
	// askTime is how long a server that ends waits for the question of one who has
	// connected: browsers connect and ask nothing.
	askTime = 500 * time.Millisecond
	// samplePause and samples: the throughput of the last hour, by five seconds.
	samplePause = 5 * time.Second
	samples     = 720
	// livePause is how often those who look on are shown what is new: an act of
	// theirs shows within a tenth of a second, and eyes see no more.
	livePause = 100 * time.Millisecond
	// dialTime is how long a socket may take to answer: it is on this machine.
	dialTime = 3 * time.Second
	// successorTime is how long `log -f` waits for the server that takes over: a
	// parent may have its reasons to wait before it starts the next one.
	successorTime = 30 * time.Second
	// maxSocketPath is what a Unix socket's name may have (sun_path: 104 on BSD,
	// 108 on Linux, with a NUL).
	maxSocketPath = 103
	// minToken is the shortest token of the page that is taken from a file.
	minToken = 20
	// wrongToken is waited after a wrong one. Guessing is hopeless anyway.
	wrongToken = 500 * time.Millisecond
	// loginTime is how long a browser stays logged in: a working day.
	loginTime = 12 * time.Hour
	// maxLogouts is how many logins are remembered that were ended by hand; with
	// more of them within loginTime all have to log in again.
	maxLogouts = 1000
)
