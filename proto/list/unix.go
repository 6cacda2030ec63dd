package list

import (
	"strings"

	"ferry/proto"
)

// readUnix reads a line of `ls -l`: GNU, BSD, busybox, toybox, with or without
// links, owner and group, with inode and blocks in front; also what Netware
// and NetPresenz send in its likeness.
func readUnix(p *Parser, text string) (proto.Entry, Verdict) {
	if unixTotal(text) {
		return proto.Entry{}, Ignored
	}
	c := cursor{text: text}
	e := proto.Entry{Size: proto.NoSize}
	word := c.next()
	for range 2 { // ls -i, ls -s
		if digits(word) {
			word = c.next()
		}
	}
	netware, ok := unixMode(&e, &c, word)
	if !ok || !p.unixFacts(&e, &c) {
		return proto.Entry{}, Unknown
	}
	name := c.name()
	if netware {
		name = c.trimmed()
	}
	unixName(&e, name)
	return e, Understood
}

// unixTotal recognises "total 42", in the languages that servers speak.
func unixTotal(text string) bool {
	if text[0] == '-' {
		return false
	}
	c := cursor{text: text}
	word, n := strings.ToLower(strings.TrimSuffix(c.next(), ":")), c.next()
	switch word {
	case "total", "totale", "totaal", "totalt", "insgesamt", "gesamt", "summe", "razem", "итого", "合計", "总用量", "總計", "합계", "celkem":
	default:
		return false
	}
	// "total 42 available 1.2 GiB" comes from ls without POSIX manners.
	_, isSize := sizeField(n)
	tail := c.trimmed()
	return isSize && (tail == "" || strings.HasPrefix(tail, "available") || strings.HasPrefix(tail, "in "))
}

// unixMode reads the field of kind and permissions, and what may be glued to
// it: an ACL or SELinux mark, the number of links.
func unixMode(e *proto.Entry, c *cursor, word string) (netware, ok bool) {
	if word == "" {
		return false, false
	}
	if e.Kind, ok = kindOf(word[0]); !ok {
		return false, false
	}
	if netwareRights(word[1:]) || word[1:] == "" && netwareRights(c.peek()) {
		if word[1:] == "" {
			c.next()
		}
		return true, true
	}
	if len(word) < 10 {
		return false, false
	}
	if e.Mode, e.HasMode = modeBits(word[1:10]); !e.HasMode {
		return false, false
	}
	rest := word[10:]
	if rest != "" && strings.IndexByte("+.@*", rest[0]) >= 0 {
		rest = rest[1:]
	}
	if rest != "" {
		n, ok := small(rest, 9, 0, 999999999)
		e.Links = n
		return false, ok
	}
	return false, true
}

// netwareRights recognises [RWCEAFMS], with dashes for what is not granted.
func netwareRights(s string) bool {
	if len(s) < 3 || len(s) > 12 || s[0] != '[' || s[len(s)-1] != ']' {
		return false
	}
	return strings.Trim(s[1:len(s)-1], "-ABCDEFMNORSWX") == ""
}

// unixFacts takes all that stands between mode and name. How many words owner
// and group are is not known, so the size is the first number with a date
// behind it.
func (p *Parser) unixFacts(e *proto.Entry, c *cursor) bool {
	who := cursor{text: c.text, pos: c.pos}
	for n := range maxFields {
		before := c.pos
		if e.Kind != proto.RegularFile && n > 0 && isoAhead(c) {
			// Android's old ls shows no size of a directory.
			return p.unixTime(e, c) && unixWho(e, who, before)
		}
		word := c.next()
		size, ok := unixSize(e.Kind, word, c)
		if word == "" {
			return false
		}
		if !ok {
			continue
		}
		if p.unixTime(e, c) {
			if e.Kind == proto.RegularFile || e.Kind == proto.Symlink {
				e.Size = size
			}
			return unixWho(e, who, before)
		}
		c.pos = before
		c.next()
	}
	return false
}

func isoAhead(c *cursor) bool {
	var s stamp
	return s.isoDay(c.peek())
}

func (p *Parser) unixTime(e *proto.Entry, c *cursor) bool {
	s, ok := c.unixDate()
	if !ok {
		return false
	}
	e.Modify, ok = p.time(s)
	e.Precision = s.exact
	return ok
}

// unixSize reads a size, or the numbers that a device has in its place:
// "1, 3", "1,3", "0x103".
func unixSize(k proto.Kind, word string, c *cursor) (int64, bool) {
	if k != proto.Special {
		return sizeField(word)
	}
	major, minor, comma := strings.Cut(word, ",")
	if strings.HasPrefix(word, "0x") && strings.Trim(word[2:], "0123456789abcdef") == "" {
		return proto.NoSize, true
	}
	if comma && minor == "" {
		minor = c.next()
	}
	return proto.NoSize, digits(major) && (!comma || digits(minor))
}

// sizeField reads a size in bytes. One for human eyes ("4.0K") is a size, but
// which one is not known.
func sizeField(word string) (int64, bool) {
	if n, ok := number(word); ok {
		return n, true
	}
	if word == "" || !isDigit(word[0]) {
		return 0, false
	}
	short := strings.TrimSuffix(strings.TrimSuffix(word, "B"), "i")
	if short == "" || strings.IndexByte("BKMGTPEkmgt", short[len(short)-1]) < 0 {
		return 0, false
	}
	whole, frac, dot := strings.Cut(short[:len(short)-1], ".")
	return proto.NoSize, digits(whole) && len(whole) <= 4 && (!dot || digits(frac) && len(frac) <= 3)
}

// unixWho reads links, owner and group, which lie between who and end.
func unixWho(e *proto.Entry, who cursor, end int) bool {
	who.text = who.text[:end]
	at := who.pos
	if first := who.next(); first == "folder" && who.peek() == "" {
		return true // NetPresenz: "drwxrwxr-x folder 2 …"
	} else if n, ok := small(first, 9, 0, 999999999); ok && e.Links == 0 && who.peek() != "" || ok && e.HasMode {
		e.Links = n
	} else {
		who.pos = at
	}
	e.Owner = who.next()
	e.Group = who.trimmed()
	return true
}

// unixName takes a symlink's target off its name, and the slash that some
// servers put behind directories.
func unixName(e *proto.Entry, name string) {
	e.Name = name
	switch e.Kind {
	case proto.Directory:
		if len(name) > 1 {
			e.Name = strings.TrimSuffix(name, "/")
		}
	case proto.Symlink:
		if at := arrow(name, e.Size); at >= 0 {
			e.Name, e.Target = name[:at], name[at+4:]
		}
	}
}

// arrow finds the " -> " between name and target. Where there are several, the
// size of a symlink, which is the length of its target, tells which one.
func arrow(s string, size int64) int {
	const sign = " -> "
	if at := int64(len(s)) - size - int64(len(sign)); size > 0 && at > 0 && s[at:at+4] == sign {
		return int(at)
	}
	return strings.Index(s, sign)
}
