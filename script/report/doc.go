// Package report is what a run tells to machines: a report at its end, as JSON
// or for JUnit's readers, and lines of JSON while it is under way.
//
// The report is one document:
//
//	Report ─┬─ Summary      how it ended, and sums
//	        └─ Operations   one for each line of the script that ran
//	             └─ Files   one for each file that it was about
//
// schema.json describes it, events.schema.json a line of the stream, and what a reader may count on: within one version
// fields are added, never changed or taken away. The file is there as soon as
// the run begins, with the status "running", so that a run that was killed never
// leaves last night's report in its place; it is only ever replaced whole.
//
//	report.go  the document       write.go   files, whole or not at all
//	junit.go   the other format   stream.go  events, a line each
package report
