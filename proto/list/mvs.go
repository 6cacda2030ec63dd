package list

import (
	"strings"

	"ferry/proto"
)

// mvsState says which of z/OS's tables the heading announced.
type mvsState struct {
	table mvsTable
}

type mvsTable byte

const (
	mvsNone     mvsTable = iota
	mvsDatasets          // Volume Unit Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname
	mvsMembers           // Name VV.MM Created Changed Size Init Mod Id
	mvsModules           // Name Size TTR Alias-of AC Attributes Amode Rmode
	mvsJobs              // JOBNAME JOBID OWNER STATUS CLASS
	mvsSpool             // ID STEPNAME PROCSTEP C DDNAME BYTE-COUNT
)

// readMVS reads the tables of z/OS. Without its heading only a row of data
// sets is recognised: those of the others could be anything.
func readMVS(p *Parser, text string) (proto.Entry, Verdict) {
	if t := mvsHeading(text); t != mvsNone {
		p.mvs.table = t
		return proto.Entry{}, Ignored
	}
	switch p.mvs.table {
	case mvsMembers:
		return p.mvsMember(text)
	case mvsModules:
		return mvsModule(text)
	case mvsJobs:
		return mvsJob(text)
	case mvsSpool:
		return mvsSpoolFile(text)
	}
	return mvsDataset(text, p.mvs.table == mvsDatasets)
}

// mvsHeading knows a table by the first columns of its heading.
func mvsHeading(text string) mvsTable {
	c := cursor{text: text}
	switch c.next() + " " + c.next() + " " + c.next() {
	case "Volume Unit Referred", "Volume Unit Date":
		return mvsDatasets
	case "Name VV.MM Created":
		return mvsMembers
	case "Name Size TTR":
		return mvsModules
	case "JOBNAME JOBID OWNER", "JOBNAME JOBID STATUS":
		return mvsJobs
	case "ID STEPNAME PROCSTEP":
		return mvsSpool
	}
	return mvsNone
}

// mvsDataset reads
//
//	WPTA01 3390   2026/11/22  1    3  FB      80  3120  PS  USER.TEXT
//	SLB001 3390                                        VSAM USER.KSDS
//	Migrated                                                USER.OLD
//
// The date is that of the last reference, no one knows when it was changed;
// tracks are no bytes; Dsorg tells a file (PS) from a directory (PO).
func mvsDataset(text string, announced bool) (proto.Entry, Verdict) {
	e := proto.Entry{Size: proto.NoSize}
	c := cursor{text: text}
	f := make([]string, 0, 12)
	for w := c.next(); w != "" && len(f) < cap(f); w = c.next() {
		f = append(f, w)
	}
	last := len(f) - 1
	if last < 1 || blank(f[last]) || !datasetName(f[last]) {
		return e, Unknown
	}
	e.Name = f[last]
	switch {
	case last == 9 && mvsDate(f[2]) && digits(f[3]) && mvsUsed(f[4]) && mvsNumber(f[6]) && mvsNumber(f[7]):
		var ok bool
		e.Kind, ok = dsorg(f[8])
		return e, verdict(ok)
	case !announced:
		return e, Unknown
	case last >= 2 && (f[last-1] == "VSAM" || f[last-1] == "PATH"), last == 2 && f[0] == "User" && f[1] == "Catalog":
		e.Kind = proto.Special
	case f[0] == "Pseudo" && f[1] == "Directory" && last == 2:
		e.Kind = proto.Directory
	case elsewhere(f[0]) && plainWords(f[1:last]), last >= 2 && f[1] == "Tape",
		last >= 2 && f[last-1] == "Mounted":
		e.Kind = proto.UnknownKind // recalled or mounted, it may turn out a file or a library
	default:
		return e, Unknown // "Error determining attributes"
	}
	return e, Understood
}

func verdict(ok bool) Verdict {
	if ok {
		return Understood
	}
	return Unknown
}

// elsewhere: what stands in the volume's column of a data set that is on none.
func elsewhere(volume string) bool {
	switch volume {
	case "Migrated", "MIGRAT", "ARCIVE", "Archived", "GDG", "ALIAS":
		return true
	}
	return false
}

// plainWords: what stands between "ARCIVE" and the name, as "Not Direct
// Access Device" does, has no digits.
func plainWords(f []string) bool {
	return !strings.ContainsAny(strings.Join(f, ""), "0123456789%:")
}

// dsorg reads a data set organisation; PO-E and PS-E are the extended ones.
func dsorg(s string) (proto.Kind, bool) {
	switch s {
	case "PS", "PS-E", "PS-L", "DA":
		return proto.RegularFile, true
	case "PO", "PO-E":
		return proto.Directory, true
	case "VS", "VSAM", "HFS", "ZFS", "IS", "GS", "??":
		return proto.Special, true
	}
	return 0, false
}

// datasetName: qualifiers of up to eight letters between dots, perhaps with
// quotes around all.
func datasetName(s string) bool {
	if len(s) > 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = s[1 : len(s)-1]
	}
	if s == "" || len(s) > 54 { // 44 and a member in parentheses
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i] &^ 0x20; (c < 'A' || c > 'Z') && !isDigit(s[i]) && !strings.ContainsRune("@#$.-(){+", rune(s[i])) {
			return false
		}
	}
	return !isDigit(s[0]) && s[0] != '.' && s[0] != '-'
}

func mvsDate(s string) bool {
	var d stamp
	return s == "**NONE**" || d.isoDay(s)
}

func mvsUsed(s string) bool   { return digits(s) || strings.Trim(s, "+") == "" }
func mvsNumber(s string) bool { return digits(s) || s == "?" }
