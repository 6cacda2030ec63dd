package data

import "time"

// Bounds of a data connection. None of them limits a file: Options.Max does.
const (
	// bufferSize is the size of the pooled buffers, in bytes. A transfer that
	// the kernel does not carry holds one or two, an idle connection none. Two
	// hundred transfers at once stay under 128 MiB; over TLS, half the size is a
	// tenth slower, larger ones gain nothing.
	bufferSize = 256 << 10

	// directRead is the room, in bytes, from which on reading past the buffer
	// beats reading into it and copying; directWrite the same for writes.
	directRead  = bufferSize / 4
	directWrite = bufferSize / 2

	// PackMost is how many bytes of small files are packed before they are sent:
	// more in one write gains nothing that can be measured.
	PackMost = 64 << 10

	// sendChunk and receiveChunk are what one request to the kernel moves at most,
	// in bytes: large enough that the request costs nothing, small enough that the
	// count of bytes moved stays fresh on a fast line. Whoever comes back from the
	// kernel in the middle of a file leaves the processor to peers on this machine,
	// that were woken for little: two hundred files of 12 MiB at once cost 7 % less
	// when each is one request than in three.
	sendChunk    = 16 << 20
	receiveChunk = 4 << 20

	// tick is how long one request may last before the bytes moved so far are
	// counted. On a slow line it keeps the count fresh.
	tick = time.Second
	// wholeWrite is the most that one write carries, in bytes, where it can't
	// be continued after its deadline (TLS, Windows): all of it must pass
	// within Stall.
	wholeWrite = 64 << 10

	// heldWrite is the same where a holder is below TLS, which can continue.
	heldWrite = bufferSize
	// waitParts: a read's deadline is moved when it has come nearer by that part
	// of Stall. Setting it costs as much as a twentieth of a record of TLS.
	waitParts = 16
	// smallRead is the least room that the layers are asked to fill, in bytes:
	// a line end or an escape must fit.
	smallRead = 64
	// MaxMarker is the longest restart marker accepted, in bytes. It must fit
	// a 110 reply and a REST command; ours are at most 19 digits.
	MaxMarker = 255
	// maxSkip is how many bytes of a file that can't be taken are read past for
	// the sake of the files behind it: less than a new connection is worth on
	// any line.
	maxSkip = 256 << 20
	// maxBlock is the longest block sent, in bytes without its header. The
	// count field has 16 bits (RFC 959 §3.4.2).
	maxBlock = 1<<16 - 1
	// maxRecord is the longest record that a record descriptor word can
	// describe: its 16 bits count itself, four bytes, too.
	maxRecord = 1<<16 - 1 - rdwSize
	// rdwSize is the size of a record descriptor word, in bytes.
	rdwSize = 4
	// MaxPage is the largest page, in bytes: the data length of a page header
	// is one logical byte, and those have 8 bits in all types served.
	MaxPage = 255
	// maxPages is how many pages a file may have, for the same reason.
	maxPages = 256
)
