package list

import (
	"strings"

	"ferry/proto"
)

// readDOS reads what IIS and cmd.exe write:
//
//	11-22-26  01:00PM       <DIR>          name
//	11-22-2026  13:00              1,234 name
//	11/22/2026  01:00 PM    <JUNCTION>     name [C:\target]
func readDOS(p *Parser, text string) (proto.Entry, Verdict) {
	if dosFrame(text) {
		return proto.Entry{}, Ignored
	}
	c := cursor{text: text}
	e := proto.Entry{Size: proto.NoSize}
	day, hour := c.next(), c.next()
	if half := strings.ToUpper(c.peek()); half == "AM" || half == "PM" {
		hour += c.next()
	}
	if !p.dayAndClock(&e, day, hour) {
		return proto.Entry{}, Unknown
	}
	what := c.next()
	if tag, ok := dosTag(what); ok {
		e.Kind = tag
		dosName(&e, &c, what)
		return e, Understood
	}
	var ok bool
	if e.Size, ok = grouped(what); !ok {
		return proto.Entry{}, Unknown
	}
	e.Kind, e.Name = proto.RegularFile, c.name()
	return e, Understood
}

func dosTag(word string) (proto.Kind, bool) {
	switch strings.ToUpper(word) {
	case "<DIR>":
		return proto.Directory, true
	case "<JUNCTION>", "<SYMLINK>", "<SYMLINKD>":
		return proto.Symlink, true
	}
	return 0, false
}

// dosName takes the name behind <DIR>. Tag and name columns are 15 apart in
// all that Windows writes; the blanks of another server's layout are not part
// of the name.
func dosName(e *proto.Entry, c *cursor, tag string) {
	e.Name = c.padded(15 - len(tag))
	if e.Name == "" || strings.HasPrefix(e.Name, "    ") {
		e.Name = c.trimmed()
	}
	if e.Kind != proto.Symlink || !strings.HasSuffix(e.Name, "]") {
		return
	}
	if at := strings.LastIndex(e.Name, " ["); at > 0 {
		e.Name, e.Target = e.Name[:at], e.Name[at+2:len(e.Name)-1]
	}
}

// dosFrame recognises what cmd.exe's dir writes around the entries.
func dosFrame(text string) bool {
	t := strings.TrimSpace(text)
	if strings.HasPrefix(t, "Volume in drive ") || strings.HasPrefix(t, "Volume Serial Number is ") || strings.HasPrefix(t, "Directory of ") {
		return text != t // they are indented by a blank
	}
	c := cursor{text: t}
	_, ok := grouped(c.next())
	word := c.next()
	return ok && (word == "File(s)" || word == "Dir(s)")
}

// dayAndClock reads a numeric date and a time of day into e.Modify.
func (p *Parser) dayAndClock(e *proto.Entry, day, hour string) bool {
	var s stamp
	if !s.numericDay(day) || !s.clock12(hour) {
		return false
	}
	var ok bool
	e.Modify, ok = p.time(s)
	e.Precision = s.exact
	return ok
}

// numericDay reads 11-22-26, 11/22/2026, 22.11.26, 2026-11-22. Month before
// day is what servers send whose locale no one set; a first number that no
// month can have is a day, or a year.
func (s *stamp) numericDay(f string) bool {
	if s.isoDay(f) {
		return true
	}
	if len(f) < 6 || len(f) > 10 {
		return false
	}
	at := strings.IndexAny(f, "-/.")
	if at < 1 {
		return false
	}
	sep := f[at : at+1]
	a, rest, _ := strings.Cut(f, sep)
	b, c, _ := strings.Cut(rest, sep)
	x, ok1 := small(a, 2, 0, 99)
	y, ok2 := small(b, 2, 1, 31)
	z, ok3 := small(c, 4, 0, 9999)
	if !ok1 || !ok2 || !ok3 || len(c) == 3 || len(c) == 1 {
		return false
	}
	switch {
	case x > 31 || x == 0: // 26 would be a day: only years past it show
		s.year, s.month, s.day = century(a, x), y, z
	case sep == "." || x > 12:
		s.year, s.month, s.day = century(c, z), y, x
	default:
		s.year, s.month, s.day = century(c, z), x, y
	}
	return s.month >= 1 && s.month <= 12 && s.day >= 1 && s.day <= 31
}

// century makes 2026 of 26. POSIX: 69 to 99 are of the twentieth century.
func century(text string, year int) int {
	switch {
	case len(text) == 4:
		return year
	case year < 69:
		return 2000 + year
	}
	return 1900 + year
}
