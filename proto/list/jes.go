package list

import (
	"strings"

	"ferry/proto"
)

// mvsJob reads a job of JES (SITE FILETYPE=JES). RETR of its id brings all
// its spool files.
//
//	SMITHA   JOB01906 SMITH    OUTPUT A        RC=0000 3 spool files
//	SMITHA   JOB01906  OUTPUT    3 Spool Files
func mvsJob(text string) (proto.Entry, Verdict) {
	c := cursor{text: text}
	job, id := c.next(), c.next()
	e := proto.Entry{Name: id, Kind: proto.RegularFile, Size: proto.NoSize}
	if !memberName(job) || !jobID(id) {
		return e, Unknown
	}
	word := c.next()
	if !jobStatus(word) {
		e.Owner, word = word, c.next()
	}
	return e, verdict(jobStatus(word))
}

// jobID: JOB, STC or TSU and five digits; J, S or T and seven.
func jobID(s string) bool {
	if len(s) != 8 {
		return false
	}
	return digits(s[3:]) && strings.Contains("JOB STC TSU", s[:3]) || digits(s[1:]) && strings.Contains("JST", s[:1])
}

func jobStatus(s string) bool {
	switch s {
	case "INPUT", "HELD", "ACTIVE", "OUTPUT":
		return true
	}
	return false
}

// mvsSpoolFile reads one spool file of a job.
//
//	001 JES2     N/A      H JESMSGLG      1200
func mvsSpoolFile(text string) (proto.Entry, Verdict) {
	c := cursor{text: text}
	if n, ok := number(c.next()); ok {
		step, proc, class, dd := c.next(), c.next(), c.next(), c.next()
		size, ok := number(c.next())
		e := proto.Entry{Name: dd, Kind: proto.RegularFile, Size: size}
		return e, verdict(ok && n > 0 && step != "" && proc != "" && len(class) == 1 && memberName(dd) && c.next() == "")
	}
	word := c.next()
	if word == "spool" || word == "Spool" {
		return proto.Entry{}, Ignored
	}
	return proto.Entry{}, Unknown
}
