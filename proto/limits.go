package proto

// Bounds of the control connection. A peer that passes one is refused, never
// served from unbounded memory.
const (
	// MaxCommand is the longest command line accepted, in bytes without its
	// line end: a path of 4096 bytes (PATH_MAX), doubled IACs, a verb.
	MaxCommand = 8 << 10
	// MaxOverlong is how much of an overlong command line is read past before
	// the peer is given up: enough to answer one honest mistake and go on.
	MaxOverlong = 2 << 20
	// MaxReplyLine is the longest line of a reply accepted, in bytes. MLST
	// facts and long names fit; VMS and MVS listings in STAT are far shorter.
	MaxReplyLine = 16 << 10
	// MaxReply is the most text accepted in one reply, in bytes. A listing by
	// STAT of a large directory comes as one reply; an endless one must stop.
	MaxReply = 16 << 20
	// controlBuffer is the size of the pooled buffers of control connections.
	// They are held only while bytes are waiting in them.
	controlBuffer = 4 << 10
)
