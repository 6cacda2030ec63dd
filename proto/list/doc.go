// Package list holds the formats of directory listings: what ferry's server
// writes, and what the servers of the last forty years are known to write.
//
//	append.go    the writers: Unix lines, NLST names, MLSD lines
//	parser.go    Parser: one listing, line by line, each with its verdict (wrap.go)
//	read.go      Read: a whole listing from a connection
//	dialect.go   Format, and the order in which formats are tried
//	unix.go      ls -l in all its shapes, Netware, NetPresenz (mode.go)
//	mlsx.go      MLSD facts, plain NLST names
//	dos.go       IIS and cmd.exe
//	vms.go       OpenVMS, with lines that wrap
//	mvs.go       z/OS: data sets; pds.go: members; jes.go: spool
//	as400.go     IBM i, library format and IFS names
//	small.go     EPLF, OS/2, VShell, numeric Unix
//	field.go     fields of a line; date.go, clock.go, month.go: times in them
//	recursive.go the headings of LIST -R
//	safe.go      SafeName: may this name become a local file?
//	printable.go Printable: text that a terminal can be shown; size.go sizes for people
//
// LIST has no standard (RFC 959 §4.1.3 leaves its form to the server), so a
// reader guesses. This one guesses once: the first line that any format claims
// decides for the whole listing, and a line that the format does not claim is
// Unknown. Unknown lines are kept and shown, are never taken for a file, and
// forbid every deletion that rests on the listing.
//
// Names are bytes. What time a line told, and how exactly, is in the entry:
// Precision is a minute for "Nov 22 13:00" and a day for "Nov 22  2025".
package list
