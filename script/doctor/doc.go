// Package doctor examines an FTP server from outside, as `ferry doctor URL`
// does: it logs in, tries every way to move data and every command that clients
// lean on, and tells what works, what doesn't, and what mends it.
//
//	finding.go  Finding, Report: what is told, as text and as JSON
//	exam.go     Patient, Examine: the sessions, and the order of things
//	table.go    one row a question
//	reach.go    greeting, TLS, certificate, login, the other port
//	ways.go     passive and active data connections
//	files.go    listings, sizes, times, resuming, hashes
//	many.go     many commands and many files in one write
//	write.go    what only an upload can show; never unasked
//	limits.go   every bound, with its reason
//
// Nothing on the server is changed unless Patient.Write says so; then all of it
// happens in one directory with a name made for the purpose, which is removed
// again.
//
// What the host itself is like (ports, certificate files, kernel) is looked at
// by package serve/doctor; both say it in findings of the same shape.
package doctor
