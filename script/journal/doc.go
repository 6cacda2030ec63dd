// Package journal keeps what a run of a script has done, so that another run
// can go on where it was broken off: by a kill, a lost network, a power cut.
//
// A journal is a file of lines that only grows:
//
//	3f9a… {"kind":"run","script":"/srv/nightly.ftp",…,"nonce":"…"}
//	81c0… {"kind":"begin","id":"7:1","at":…}
//	a2e7… {"kind":"file","id":"7:1","local":…,"remote":…,"size":…}
//	0b55… {"kind":"done","id":"7:1"}
//
// What stands before the blank vouches for the line, its number, and the file
// that it belongs to. A reader takes all lines, or says which one is not what
// was written; only the last one may be torn, since that is how a run dies.
//
// Records are written at once, which outlives the process, and reach the disk
// in groups, which outlives the machine. A record that must be there before
// what it tells of happens is Durable.
//
//	journal.go  a run's journal: lock, begin, go on, append, end
//	record.go   Record, and its line
//	read.go     lines → Past, or why not
//	lock_….go   one run of a script at a time
//	sweep.go    journals that nobody has come back for
package journal
