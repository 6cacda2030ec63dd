// Package bulk moves files: one or thousands, single names or whole trees, in
// both directions. It is the engine behind get, put, mget, mput and everything
// that copies.
//
//	items ──plan──▶ steps ──do──▶ results
//	          │               │
//	   looks at both sides    part or temporary name, check, time, rename
//	   and decides once
//	   for each entry
//
// Downloads arrive in a part file beside their target, uploads under a
// temporary name beside theirs; both get their final name only when they are
// whole and their size is right. What was there before stays until then. A
// part whose record still fits the source is continued after its last bytes
// have been compared; anything else begins anew.
//
//	bulk.go      Engine, Options, Item: what a caller says
//	policy.go    what to do with a name that exists
//	plan.go      Step, Plan: looking at both sides; compare.go: deciding about a file
//	tree.go      what a tree looks like; scan.go scan_local.go: walking it, scan_crowd.go: over several
//	             sessions; zone.go: its times
//	sync.go      both ways, by what both ends had in common before; sync_read.go: what nothing else tells
//	filter.go    what counts; prune.go: what is deleted, if anything
//	run.go       a plan that is carried out; queue.go: the work nobody has taken
//	worker.go    one session and its work; crew.go: how many there are
//	batch.go     many files in one write; batch_down.go, batch_up.go: both ways
//	retry.go     what is tried again, and for how long
//	control.go   pause; rate.go: bounds on bytes a second
//	dirtime.go   times of directories
//	odd.go       names that a server would keep as others
//	mkdir.go remove.go publish.go  what comes before and after the files
//	download.go  one file down
//	segment*.go  one file over several sessions, segment_up*.go to the server;
//	             spans.go: what of it is there; seam.go: whether its pieces fit together
//	upload.go    one file up; stream.go: what is read once; allocate.go: how large it will be;
//	             claim_unix.go claim_windows.go: whose its temporary name is
//	leftover.go  what killed runs have left at the server
//	part.go      part files and their records
//	replace.go   whether a rename replaces, probed once a server
//	server.go    what was learned of a server
//	verify.go    what makes a transfer count; sums.go: checksums; summing.go: what
//	             a server makes of them
//	space.go     room on the disk; room.go: on the server
//	event.go     one stream of typed events
//	report.go    Report, Result
//	limits.go    every bound, with its reason
//
// # Sessions
//
// A worker is a session and takes loads from the queue: a group of small files
// that go the same way, or one big file. The session that the engine was given
// leads; others join while that makes the whole faster, and leave when the
// server says that they are too many. What a worker could not do goes back to
// the queue. A session that broke is made anew, and its file goes on from
// where it was.
//
// # Segments
//
// A big file may move over several sessions at once. Downloads do with every
// server that begins where it is told; uploads only with those that put a file
// together from ranges and say so (ferry's: RANG STREAM;ALLO in FEAT). Such an
// upload arrives under a temporary name of its own. Since that may have holes,
// its length tells nothing: what is there is told by checksums, always those of
// all its bytes before it gets its name. Whatever the server refuses goes up in
// one stream, under another name.
package bulk
