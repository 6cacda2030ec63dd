package list

import (
	"io/fs"
	"strconv"
	"strings"
	"time"

	"ferry/proto"
)

// readEPLF reads "+i8388621.48594,m825718503,r,s280,\tdjb.html".
// cr.yp.to/ftp/list/eplf.html: facts end at the TAB, unknown ones are passed
// over, r: may be retrieved, /: may be entered.
func readEPLF(_ *Parser, text string) (proto.Entry, Verdict) {
	facts, name, ok := strings.Cut(text, "\t")
	if !ok || !strings.HasPrefix(facts, "+") {
		return proto.Entry{}, Unknown
	}
	e := proto.Entry{Name: name, Kind: proto.Special, Size: proto.NoSize}
	for fact := range strings.SplitSeq(facts[1:], ",") {
		if fact != "" && !eplfFact(&e, fact) {
			return proto.Entry{}, Unknown
		}
	}
	return e, Understood
}

func eplfFact(e *proto.Entry, fact string) bool {
	value := fact[1:]
	switch fact[0] {
	case '/':
		e.Kind = proto.Directory
	case 'r':
		if e.Kind != proto.Directory {
			e.Kind = proto.RegularFile
		}
	case 'i':
		e.Unique = value
	case 's':
		n, ok := number(value)
		e.Size = n
		return ok
	case 'm':
		t, ok := epoch(value)
		e.Modify, e.Precision = t, time.Second
		return ok
	case 'u':
		if oct, ok := strings.CutPrefix(value, "p"); ok {
			m, err := strconv.ParseUint(oct, 8, 16)
			e.Mode, e.HasMode = fs.FileMode(m)&fs.ModePerm, true
			return err == nil
		}
	}
	return true
}

// epoch reads seconds since 1970, up to the year 9999.
func epoch(s string) (time.Time, bool) {
	n, ok := number(s)
	return time.Unix(n, 0).UTC(), ok && n < 253402300800
}

// readOS2 reads "  73098      A          04-06-97   15:15  ds0.internic1" and
// "      0           DIR   12-30-97   12:32  jbrekke".
func readOS2(p *Parser, text string) (proto.Entry, Verdict) {
	c := cursor{text: text}
	size, ok := number(c.next())
	if !ok {
		return proto.Entry{}, Unknown
	}
	e := proto.Entry{Kind: proto.RegularFile, Size: size}
	for c.peek() != "" && strings.Trim(c.peek(), "RHSA") == "" || c.peek() == "DIR" {
		if c.next() == "DIR" {
			e.Kind, e.Size = proto.Directory, proto.NoSize
		}
	}
	day := c.next()
	if len(day) != 8 || day[2] != '-' || !p.dayAndClock(&e, day, c.next()) {
		return proto.Entry{}, Unknown
	}
	e.Name = c.trimmed()
	return e, Understood
}

// readVShell reads "206876  Apr 04, 2000 21:06 name" and, for a directory,
// "0  Dec 12, 2002 02:13 name/".
func readVShell(p *Parser, text string) (proto.Entry, Verdict) {
	c := cursor{text: text}
	size, ok := number(c.next())
	if !ok || month(c.peek()) == 0 {
		return proto.Entry{}, Unknown
	}
	e := proto.Entry{Kind: proto.RegularFile, Size: size}
	s, ok := c.unixDate()
	if !ok || s.yearless || s.exact != time.Minute {
		return proto.Entry{}, Unknown
	}
	if e.Modify, ok = p.time(s); !ok {
		return proto.Entry{}, Unknown
	}
	e.Precision, e.Name = s.exact, c.name()
	if dir, slash := strings.CutSuffix(e.Name, "/"); slash {
		e.Name, e.Kind, e.Size = dir, proto.Directory, proto.NoSize
	}
	return e, Understood
}

// readUnixData reads "0100644   500  101   12345    123456789       name":
// st_mode in octal, uid, gid, size, seconds since 1970.
func readUnixData(_ *Parser, text string) (proto.Entry, Verdict) {
	c := cursor{text: text}
	mode := c.next()
	bits, err := strconv.ParseUint(mode, 8, 32)
	e := proto.Entry{Owner: c.next(), Group: c.next()}
	size, ok1 := number(c.next())
	t, ok2 := epoch(c.next())
	if err != nil || len(mode) < 6 || mode[0] != '0' || !digits(e.Owner) || !digits(e.Group) || !ok1 || !ok2 {
		return proto.Entry{}, Unknown
	}
	switch bits >> 12 {
	case 0o10:
		e.Kind = proto.RegularFile
	case 0o4:
		e.Kind = proto.Directory
	case 0o12:
		e.Kind = proto.Symlink
	default:
		e.Kind = proto.Special
	}
	if e.Size = size; e.Kind != proto.RegularFile {
		e.Size = proto.NoSize
	}
	e.Modify, e.Precision = t, time.Second
	e.Mode, e.HasMode = fs.FileMode(bits)&fs.ModePerm, true
	e.Name = c.trimmed()
	return e, Understood
}
