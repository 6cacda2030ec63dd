// Package journal writes down what a server does, an event a line: as JSON for
// whoever must be able to say later who did what, and in the form of wu-ftpd's
// xferlog, which log analysers have read for thirty years.
//
//	journal.go   Journal: JSON lines, appended and never changed
//	xferlog.go   Xferlog: transfers, a line each
//	file.go      a file that is opened again when told (log rotation), and
//	             that makes room for a new one at a size
//	queue.go     writing never holds a session up
package journal
