package serve

import (
	"errors"
	"fmt"
	"time"
)

// Limits bounds what one server spends on strangers and on friends. A field
// that is zero has the default named beside it.
type Limits struct {
	// Sessions is how many may live at once. Ten thousand idle ones are a
	// normal day (some 2 KiB each where they can be parked); beyond, descriptors and memory run short.
	Sessions int // 12,000
	// PerAddress is how many of them one address may have; an IPv6 address
	// stands for its /64, which is what one subscriber gets. Room for an
	// office behind one NAT and for clients that open sixteen, none for a flood.
	PerAddress int // 256
	// Connects is how many connections a second one address may make; for a
	// moment it may make ten times as many. Loopback is not bounded.
	Connects int // 100
	// Failures is how many wrong passwords in a row one name may have from one
	// address before it is not tried any more for Ban: a person gives up, or
	// asks, before. An address gets five times as many, of all names together,
	// before it is not let in: offices share one.
	Failures int // 10
	// Ban is how long that lasts: long enough to make guessing hopeless, short
	// enough that nobody has to be called for a typing mistake.
	Ban time.Duration // 10 min
	// Login is how long a stranger may take to log in, in all. A silent or
	// dripping connection holds a place in Sessions.
	Login time.Duration // 60 s
	// Idle is the longest silence between two commands of somebody who is
	// logged in. RFC 1123 §4.1.3.2: at least five minutes.
	Idle time.Duration // 15 min
	// Meet is how long one end waits for the other to open the data
	// connection. Clients connect at once or never; a SYN may be sent four times.
	Meet time.Duration // 30 s
	// Handshake is how long one TLS handshake may take: a few round trips. The
	// work of it is ours, too.
	Handshake time.Duration // 20 s
	// Stall is the longest time in which no byte moves on a data connection.
	Stall time.Duration // 5 min
	// Reply is how long a client may leave replies unread before it is given
	// up. It must not hold a goroutine in a write for ever.
	Reply time.Duration // 60 s
	// Drain is how long Shutdown lets running transfers go on.
	Drain time.Duration // 5 min
}

// Bounds that nobody needs to change.
const (
	// minIdle keeps a typing mistake (--idle 5 for 5m) from cutting everybody
	// off; tests use it too.
	minIdle = time.Second
	// maxListeners is how many passive listeners the system may be asked for
	// where no range is configured. Each holds a descriptor and lets every
	// address have one more data connection pending.
	maxListeners = 512
	// listenerRest is how long a passive listener that the system chose is
	// kept without use. Opening one costs four system calls; clients come in bursts.
	listenerRest = time.Minute
	// porterCalm is how long the goroutine of a passive port rests after a promise:
	// long enough that a run of small files never wakes it, short enough that a
	// stranger is not left standing.
	porterCalm = 100 * time.Millisecond
	// lateTime is how long a port is kept from a peer whose connection was given
	// up before it came. One that was made before its command was refused is
	// here by then; a client that was refused doesn't connect any more.
	lateTime = time.Second
	// maxLate is how many ports are kept from one peer for that reason. A client
	// that asks for ports and never connects must not make many listeners.
	maxLate = 8
	// rangeDraws is how many random ports are tried before all of a range are
	// looked at in turn: with half of them taken, that happens once in 256.
	rangeDraws = 8
	// partTime is how long a server that was sent a file under TLS, with this
	// end as TLS's client, may take for its farewell: it has the last byte then.
	partTime = 5 * time.Second
	// maxPart is how much it may say before that; two tickets are 500 bytes.
	maxPart = 64 << 10
	// refusalWrite bounds the 421 to a client that is not admitted. The socket
	// buffer is empty then, so it does not wait.
	refusalWrite = time.Second
	// acceptDelayMin and Max bound the pause after an accept that failed for
	// want of descriptors or memory: short at first, never a busy loop.
	acceptDelayMin = 5 * time.Millisecond
	acceptDelayMax = time.Second
	// quietLog is the pause between two log lines that tell the same trouble
	// (refused connections, strangers on passive ports): a flood must not
	// become a flood in the log.
	quietLog = 10 * time.Second
	// keepAlive…: probes on control connections. Address translators forget
	// a connection that was silent for a minute (AWS), or five.
	keepAliveIdle     = 30 * time.Second
	keepAliveInterval = 10 * time.Second
	keepAliveCount    = 3
	// lowestActivePort: RFC 2577 §3 asks to refuse data connections to the
	// ports of well-known services.
	lowestActivePort = 1024
	// publicAge is how long the address of --public-address is believed
	// before its name is looked up again (in the background).
	publicAge = 5 * time.Minute
	// publicLookup bounds one such look-up.
	publicLookup = 5 * time.Second
	// maxPasswordFile is how much of a password file is read: one line.
	maxPasswordFile = 4 << 10
	// cccPatience is how long a client that has been allowed to take TLS off its
	// commands may keep quiet before it is taken to wait for the server to begin.
	cccPatience = 250 * time.Millisecond
	// eagerPatience is how long the mark of an upload waits for the handshake of
	// a client that has begun one before the mark already: some round trips.
	eagerPatience = time.Second
	// watchPause is how often the users are looked at for those that are gone:
	// a removed user's sessions end within a second, and half of it is for
	// ending.
	watchPause = 500 * time.Millisecond
	// speedPause is the shortest time that the speed of a transfer is taken over:
	// shorter ones show single writes.
	speedPause = 250 * time.Millisecond
	// bookPause is how soon a process obeys what was said to another of its run:
	// one that is being replaced, and its successor.
	bookPause = time.Second
	// maxBook is how many bytes of orders are kept: maxShutOut bans and more.
	maxBook = 4 << 20
	// maxShutOut is how many bans the administrator may have: each connection is
	// compared with all of them.
	maxShutOut = 10_000
	// sharedPause is how often a passive port is looked for that two processes
	// share: a promise is kept within a round trip or two.
	sharedPause = 20 * time.Millisecond
	// maxProbes is how many probes of a parent may be under way; it sends one.
	maxProbes = 8
	// certsEvery is how often a parent looks whether certificates have changed.
	certsEvery = time.Second
	// maxSettings is how large a file of settings may be.
	maxSettings = 1 << 20
	// farewell is how long a server that ends waits for the administrator to be
	// answered: a browser may have connected and ask nothing.
	farewell = time.Second
	// killGrace is how long a session has to say 421 once its context has
	// ended; then its connection is closed under it.
	killGrace = 5 * time.Second
)

// Bounds of one session, beside the configurable ones in limits.go.
const (
	// maxStrikes is how many unknown commands a stranger may send. A person at
	// a terminal makes few; a browser or mailer that was sent here many.
	maxStrikes = 10
	// maxFailures is how many wrong passwords end a session: a person knows it
	// by the third, a guesser must come again and be counted again.
	maxFailures = 3
	// addressFailures is how many times Limits.Failures an address may fail.
	addressFailures = 5
	// failureMemory is how long a failure counts.
	failureMemory = 15 * time.Minute
	// maxDelays is how often failureDelay is doubled at most: 16 s, well
	// within Limits.Login.
	maxDelays = 4
	// maxTallies is how many suspects are remembered, and as many addresses
	// that connect: some MiB, whoever floods.
	maxTallies = 1 << 16
	// connectBurst is how much of Limits.Connects may come at once: ten seconds' worth.
	connectBurst = 10 * time.Second
	// failureDelay is waited before the first refusal, and doubled for each
	// further one. Guessing gets slow, a typing mistake is not punished much.
	failureDelay = time.Second
	// paceShare: where a user's rate is bounded, bytes go in shares of a tenth
	// of a second's.
	paceShare = 10
	// maxWallLinks is how many symbolic links are followed to find out whose
	// permissions hold; path_resolution(7) has 40.
	maxWallLinks = 40
	// maxPath is the longest path in bytes, as everywhere on Unix (PATH_MAX).
	maxPath = 4096
	// maxIdle is the longest SITE IDLE; longer silences die in NATs anyway.
	maxIdle = 2 * time.Hour
	// graceShare, Min and Max: how long, after an upload, the end of the
	// control connection is waited for: a fiftieth of the time it took, if
	// that is worth a timer. The two ends of a client that was killed come
	// within microseconds of each other, and on the same way.
	graceShare = 50
	graceMin   = 50 * time.Microsecond
	graceMax   = 100 * time.Millisecond
	// maxStatus is how much text STAT of a path may answer with. It is built in
	// memory, unlike a listing; 1 MiB is more than ten thousand names.
	maxStatus = 1 << 20
	// maxWalk is how many entries one listing with -R, or one glob, may look
	// at: a command of ten bytes must not cost minutes. A plain listing has no
	// bound: it costs what it sends, and ABOR ends it.
	maxWalk = 200_000
	// maxDepth is how deep LIST -R descends.
	maxDepth = 16
	// maxCount is the largest file that SIZE counts in TYPE A, where the size
	// on the wire is known only after reading it all..
	maxCount = 16 << 20
	// maxMarks is how many restart markers may wait for the owner to send
	// them; a peer that sends a marker for every byte is not worth more.
	maxMarks = 64
	// markEvery is the number of file bytes between restart markers in modes B
	// and C: what is sent twice, at most, after a cut.
	markEvery = 16 << 20
	// expandedShare: an upload that is unpacked on its way (MODE Z, MODE C) may
	// take one expandedShare-th of the space that is free when it begins.
	expandedShare = 2
	// workBuffer is what a hash or a copy reads at once: large enough for a
	// disk, small enough to answer ABOR at once.
	workBuffer = 128 << 10
	// maxParts is how many parts COMB joins. A line has no room for many more.
	maxParts = 1000
	// listChunk is how much of a listing is gathered before it is written, and
	// firstLines how much of it leaves at once: a screenful to look at.
	listChunk  = 16 << 10
	firstLines = 4 << 10
	// maxHolders is how many logins over TLS are remembered, for the tickets
	// that they left with their clients: more than may live at once.
	maxHolders = 16384
	// uniqueTries is how many random names STOU tries.
	uniqueTries = 8
)

func (l Limits) complete() Limits {
	orInt := func(v *int, def int) {
		if *v == 0 {
			*v = def
		}
	}
	orTime := func(v *time.Duration, def time.Duration) {
		if *v == 0 {
			*v = def
		}
	}
	orInt(&l.Sessions, 12000)
	orInt(&l.PerAddress, 256)
	orInt(&l.Connects, 100)
	orInt(&l.Failures, 10)
	orTime(&l.Ban, 10*time.Minute)
	orTime(&l.Login, 60*time.Second)
	orTime(&l.Idle, 15*time.Minute)
	orTime(&l.Meet, 30*time.Second)
	orTime(&l.Handshake, 20*time.Second)
	orTime(&l.Stall, 5*time.Minute)
	orTime(&l.Reply, 60*time.Second)
	orTime(&l.Drain, 5*time.Minute)
	return l
}

func (l Limits) validate() error {
	var faults []error
	if min(l.Sessions, l.PerAddress, l.Connects, l.Failures) < 0 {
		faults = append(faults, errors.New("limits: the numbers of sessions, connections and failures can't be negative"))
	}
	for _, d := range []struct {
		name string
		v    time.Duration
	}{{"ban", l.Ban}, {"login", l.Login}, {"meet", l.Meet}, {"handshake", l.Handshake}, {"stall", l.Stall}, {"reply", l.Reply}, {"drain", l.Drain}} {
		if d.v < 0 {
			faults = append(faults, fmt.Errorf("limits: %s time %v is negative", d.name, d.v))
		}
	}
	if l.Idle != 0 && l.Idle < minIdle {
		faults = append(faults, fmt.Errorf("limits: idle time %v is below %v; did you mean minutes (15m)?", l.Idle, minIdle))
	}
	return errors.Join(faults...)
}

// gatherSize is the room, in bytes, for records that go to the kernel together:
// a write of package data with what TLS adds to it. Half of it costs some 5 %
// more CPU time.
const gatherSize = 264 << 10

// stockSize is how many bytes of an encrypted upload are read at once, and
// fullRecord the longest record of TLS with its head (RFC 5246 §6.2.3: 2^14 and
// 2048 bytes more).
const (
	stockSize  = 128 << 10
	fullRecord = 5 + 1<<14 + 2048
)

// releaseTick is how long one write of them lasts before what has moved is looked
// at.
const releaseTick = time.Second

// briefSize is the largest file, in bytes, that the owner of a session sends
// itself: a new connection has room for that in the kernel, and nobody waits
// long for the disk.
const briefSize = 32 << 10

// parkAfter is how long a session keeps its goroutine while its client is silent:
// longer than the round trips of a dialogue, so that one in work is not put away
// and fetched again for each command.
const parkAfter = 250 * time.Millisecond

// crowdRests is how many sessions have come to rest or left before it is worth to
// give memory back, and tidyAfter how long no further one has: a collection of garbage
// for a crowd, not for a visitor.
const (
	crowdRests = 256
	tidyAfter  = time.Second
)

// stackRoom is what the stack of a session's goroutine has room for from the first
// on, bytes: a login and its line in the log. What idles has no stack.
const stackRoom = 12 << 10

// bareAfter is how many files have to be over at once before an owner lingers: to
// begin and to end that costs as much as some files.
const bareAfter = 8

// lingerTime is how long an owner whose session is alone waits for its client
// on a thread: longer than a client nearby thinks, too short to be missed by those
// who come meanwhile.
const lingerTime = 2 * time.Millisecond

// yieldEvery is how long an owner lingers on without giving way: Go's monitor looks
// for a goroutine that has run for 10 ms, and then wakes up 50 times to do so.
const yieldEvery = 4 * time.Millisecond

// briefWait is how long the owner waits for the connection of one: long enough
// for a client nearby, which connects before it asks, too short to be missed by
// whoever sends ABOR.
const briefWait = 5 * time.Millisecond

// maxWithheld is how many uploads under temporary names one session may have that
// are not told of yet: more than a client has under way, little memory.
const maxWithheld = 256

// maxGathered is how many files that come in ranges a server has that are not
// told of yet: more than a day's users have under way, little memory.
const maxGathered = 4096
