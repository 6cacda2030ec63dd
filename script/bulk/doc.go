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
//	plan.go      Step, Plan: looking and deciding
//	scan.go      walking trees at both ends
//	download.go  one file down
//	upload.go    one file up
//	part.go      part files and their records
//	replace.go   whether a rename replaces, probed once a server
//	event.go     one stream of typed events
//	report.go    Report, Result
package bulk
