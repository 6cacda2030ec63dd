package list

import (
	"io/fs"
	"strings"
	"time"

	"ferry/proto"
)

// vmsState remembers the last name: a file's versions follow one another, the
// newest first.
type vmsState struct {
	last string
}

// readVMS reads an entry of OpenVMS's DIRECTORY:
//
//	README.TXT;3     12/15   22-NOV-2026 13:00:15.22  [SMITH,STAFF]  (RWED,RWED,RE,)
//
// A long name has the rest on the next line. Sizes are blocks of 512 bytes,
// so a file's size in bytes is not known.
func readVMS(p *Parser, text string) (proto.Entry, Verdict) {
	if vmsFrame(text) {
		return proto.Entry{}, Ignored
	}
	name, rest, ok := vmsName(text)
	if !ok {
		return proto.Entry{}, Unknown
	}
	c := cursor{text: rest}
	if blank(rest) {
		return proto.Entry{}, held
	}
	e := proto.Entry{Kind: proto.RegularFile, Size: proto.NoSize}
	if !vmsBlocks(c.peek()) && !vmsDay(c.peek()) {
		return proto.Entry{}, Unknown // "%RMS-E-PRV, insufficient privilege …"
	}
	if vmsBlocks(c.peek()) {
		c.next()
	}
	if blank(c.text[c.pos:]) {
		return proto.Entry{}, held
	}
	if !p.vmsTime(&e, &c) {
		return proto.Entry{}, Unknown
	}
	if v := vmsOwner(&e, c.trimmed()); v != Understood {
		return proto.Entry{}, v
	}
	p.vmsNamed(&e, name)
	return e, Understood
}

// vmsName splits "NAME.EXT;3" off. A name of ODS-5 writes a blank as "^ " or
// "^_", so the version marks its end.
func vmsName(text string) (name, rest string, ok bool) {
	if text == "" || isBlank(text[0]) {
		return "", "", false
	}
	for i := 1; i < len(text); i++ {
		if text[i] != ';' || text[i-1] == '^' {
			continue
		}
		end := i + 1
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		if end > i+1 && end-i <= 6 && (end == len(text) || isBlank(text[end])) {
			return text[:end], text[end:], vmsSpelled(text[:i])
		}
	}
	return "", "", false
}

// vmsSpelled: a name has a dot, and blanks only behind a circumflex.
func vmsSpelled(name string) bool {
	for i := 0; i < len(name); i++ {
		if isBlank(name[i]) && (i == 0 || name[i-1] != '^') {
			return false
		}
	}
	return strings.Contains(name, ".")
}

// vmsBlocks: "12", "12/15".
func vmsBlocks(f string) bool {
	used, allocated, slash := strings.Cut(f, "/")
	return digits(used) && (!slash || digits(allocated))
}

func vmsDay(f string) bool { return strings.Count(f, "-") == 2 && isDigit(f[0]) }

// vmsTime takes 22-NOV-2026 13:00:15.22.
func (p *Parser) vmsTime(e *proto.Entry, c *cursor) bool {
	day, rest, _ := strings.Cut(c.next(), "-")
	name, year, _ := strings.Cut(rest, "-")
	var s stamp
	var ok1, ok2 bool
	s.day, ok1 = small(day, 2, 1, 31)
	s.year, ok2 = year4(year)
	s.month = month(name)
	s.exact = 24 * time.Hour
	if !ok1 || !ok2 || s.month == 0 {
		return false
	}
	at := c.pos
	if !s.clock(c.next()) {
		c.pos = at
	}
	e.Modify, ok1 = p.time(s)
	e.Precision = s.exact
	return ok1
}

// vmsOwner reads "[SMITH,STAFF]  (RWED,RWED,RE,)", either of which may miss;
// one that is not closed goes on in the next line.
func vmsOwner(e *proto.Entry, s string) Verdict {
	if inner, rest, ok := enclosed(s, '[', ']'); ok {
		group, member, comma := strings.Cut(inner, ",")
		if e.Owner = strings.TrimSpace(group); comma {
			e.Group, e.Owner = e.Owner, strings.TrimSpace(member)
		}
		s = strings.TrimLeft(rest, " \t")
	}
	if inner, rest, ok := enclosed(s, '(', ')'); ok {
		if e.Mode, ok = vmsProtection(inner); !ok {
			return Unknown
		}
		e.HasMode = true
		s = strings.TrimLeft(rest, " \t")
	}
	switch {
	case s == "":
		return Understood
	case s[0] == '[' || s[0] == '(':
		return held
	}
	return Unknown
}

func enclosed(s string, open, end byte) (inner, rest string, ok bool) {
	if s == "" || s[0] != open {
		return "", "", false
	}
	at := strings.IndexByte(s, end)
	if at < 0 {
		return "", "", false
	}
	return s[1:at], s[at+1:], true
}

// vmsProtection reads what System, Owner, Group and World may do. Delete has
// no bit of its own in a Unix mode; System has no class.
func vmsProtection(s string) (fs.FileMode, bool) {
	classes := strings.Split(s, ",")
	if len(classes) != 4 {
		return 0, false
	}
	var mode fs.FileMode
	for i, class := range classes {
		class = strings.TrimSpace(class)
		if strings.Trim(class, "RWED") != "" {
			return 0, false
		}
		if i == 0 {
			continue
		}
		mode <<= 3
		for at, letter := range "RWE" {
			if strings.ContainsRune(class, letter) {
				mode |= 4 >> at
			}
		}
	}
	return mode, true
}

// vmsNamed gives the entry the name by which a command reaches it: without
// version the newest one, with it those before. A directory is SUB.DIR;1.
func (p *Parser) vmsNamed(e *proto.Entry, full string) {
	at := strings.LastIndexByte(full, ';')
	e.Name = full[:at]
	if len(e.Name) > 4 && strings.EqualFold(e.Name[len(e.Name)-4:], ".DIR") {
		e.Name, e.Kind = e.Name[:len(e.Name)-4], proto.Directory
		return
	}
	if e.Name == p.vms.last {
		e.Name = full
		return
	}
	p.vms.last = e.Name
}

// vmsFrame recognises headings and totals.
func vmsFrame(text string) bool {
	t := strings.TrimSpace(text)
	if dir, ok := strings.CutPrefix(t, "Directory "); ok {
		return strings.ContainsAny(dir, "[:") && strings.HasSuffix(dir, "]") || strings.HasSuffix(dir, ":")
	}
	for _, total := range []string{"Total of ", "Grand total of "} {
		if rest, ok := strings.CutPrefix(t, total); ok {
			c := cursor{text: rest}
			_, ok = number(c.next())
			word := c.next()
			return ok && (strings.HasPrefix(word, "file") || strings.HasPrefix(word, "director"))
		}
	}
	return false
}
