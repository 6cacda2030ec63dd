package proto

// Bounds of the control connection. A peer that passes one is refused, never
// served from unbounded memory.
const (
	// MaxVerb is the longest verb, in bytes; XSHA512 has seven.
	MaxVerb = 16
	// MaxCommand is the longest command line accepted, in bytes without its
	// line end and with IACs undoubled: two paths of 4096 bytes (PATH_MAX) less
	// a little, as SITE COPY has them.
	MaxCommand = 8 << 10
	// MaxOverlong is how much of an overlong command line is read past before
	// the peer is given up: enough to answer one honest mistake and go on.
	MaxOverlong = 2 << 20
	// MaxReplyLine is the longest line of a reply accepted, in bytes. MLST
	// facts and long names fit; VMS and MVS listings in STAT are far shorter.
	MaxReplyLine = 16 << 10
	// MaxReply is the most text accepted in one reply, in bytes, of which each
	// line costs 16. A listing by STAT of a large directory comes as one reply;
	// an endless one must stop.
	MaxReply = 16 << 20
	// controlBuffer is the size of the pooled buffers of control connections.
	// They are held only while bytes are waiting in them.
	controlBuffer = 4 << 10
	// smallBuffer is what a Conn over TLS reads with while it is idle, in bytes:
	// nearly all commands and replies fit.
	smallBuffer = 128
	// maxAnswers is how many Telnet requests are refused aloud on a connection,
	// the rest silently: a Telnet program asks for a dozen, and a peer that never
	// reads must not block whoever reads from it.
	maxAnswers = 32
	// maxEmptyReads is how often a connection may return neither bytes nor error.
	maxEmptyReads = 100
)
