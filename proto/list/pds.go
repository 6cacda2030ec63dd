package list

import (
	"strings"
	"time"

	"ferry/proto"
)

// mvsMember reads a member of a partitioned data set, with ISPF's statistics
// or, when it was made without, as a bare name. Size counts lines, not bytes.
//
//	ALLOCDD   01.05 2026/04/10 2026/11/22 12:50    12    12     0 SMITH
func (p *Parser) mvsMember(text string) (proto.Entry, Verdict) {
	c := cursor{text: text}
	e := proto.Entry{Name: c.next(), Kind: proto.RegularFile, Size: proto.NoSize}
	if !memberName(e.Name) {
		return e, Unknown
	}
	version := c.next()
	if version == "" {
		return e, Understood
	}
	created, changed, clock := c.next(), c.next(), c.next()
	if len(version) != 5 || version[2] != '.' || !digits(version[:2]+version[3:]) {
		return e, Unknown
	}
	var s stamp
	if !s.mvsDay(created) {
		return e, Unknown
	}
	if e.Create, _ = p.time(s); !s.mvsDay(changed) || !s.clock(clock) {
		return e, Unknown
	}
	var ok bool
	e.Modify, ok = p.time(s)
	e.Precision = s.exact
	for range 3 { // Size, Init, Mod
		ok = ok && digits(c.next())
	}
	e.Owner = c.next()
	return e, verdict(ok && c.next() == "")
}

// mvsDay reads 2026/11/22, and 26/11/22 from before the millennium was over.
func (s *stamp) mvsDay(f string) bool {
	s.exact = 24 * time.Hour
	if s.isoDay(f) {
		return true
	}
	if len(f) != 8 || f[2] != '/' || f[5] != '/' {
		return false
	}
	y, ok1 := small(f[:2], 2, 0, 99)
	m, ok2 := small(f[3:5], 2, 1, 12)
	d, ok3 := small(f[6:], 2, 1, 31)
	s.year, s.month, s.day = century(f[:2], y), m, d
	return ok1 && ok2 && ok3
}

// mvsModule reads a member of a load library: name, size in hex, where it
// lies, what it stands for and attributes.
//
//	EZAGPRT   000390   00BC05          00 FO             RN RU            31    ANY
func mvsModule(text string) (proto.Entry, Verdict) {
	c := cursor{text: text}
	e := proto.Entry{Name: c.next(), Kind: proto.RegularFile, Size: proto.NoSize}
	size, ttr := c.next(), c.next()
	return e, verdict(memberName(e.Name) && hex(size) && hex(ttr) && len(ttr) == 6 && len(size) >= 6)
}

func hex(s string) bool {
	return s != "" && strings.Trim(s, "0123456789ABCDEF") == ""
}

// memberName: up to eight of letters, digits and national characters, the
// first no digit.
func memberName(s string) bool {
	if s == "" || len(s) > 8 || isDigit(s[0]) {
		return false
	}
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@#${") == ""
}
