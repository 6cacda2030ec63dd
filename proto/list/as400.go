package list

import (
	"strings"

	"ferry/proto"
)

// as400State remembers the file whose members may follow it.
type as400State struct {
	file string
}

// readAS400 reads what IBM i writes, in library format (SITE NAMEFMT 0) and
// with IFS names (NAMEFMT 1):
//
//	QSYS         77824 11/22/26 15:09:55 *FILE      QCLSRC
//	QSYS                                 *MEM       QCLSRC.PROG1
//	QSYS         8192 11/22/26 15:09:55 *DIR       home/
//	QSYS                                 *MEM       QCLSRC.FILE/PROG1.MBR
//
// A *FILE without a slash can be retrieved (its first member is, or the save
// file), one with a slash can be entered.
func readAS400(p *Parser, text string) (proto.Entry, Verdict) {
	c := cursor{text: text}
	e := proto.Entry{Size: proto.NoSize}
	what := c.next()
	if !strings.HasPrefix(what, "*") { // members of a nameless owner begin with the type
		e.Owner = what
		what = c.next()
	}
	if size, ok := number(what); ok {
		if e.Size = size; !p.dayAndClock(&e, c.next(), c.next()) {
			return proto.Entry{}, Unknown
		}
		what = c.next()
	} else if what != "*MEM" {
		return proto.Entry{}, Unknown // only members have no size and date
	}
	if !as400Type(what) {
		return proto.Entry{}, Unknown
	}
	e.Kind = as400Kind(what)
	e.Name = c.padded(11 - len(what))
	if strings.HasPrefix(e.Name, "    ") {
		e.Name = c.trimmed()
	}
	if what == "*MEM" && strings.Contains(e.Name, "/") {
		return p.as400Member(e)
	}
	if dir, ok := strings.CutSuffix(e.Name, "/"); ok {
		e.Name, e.Kind = dir, proto.Directory
		p.as400.file = dir
	}
	if e.Kind != proto.RegularFile {
		e.Size = proto.NoSize
	}
	return e, Understood
}

// as400Member places a member that is listed as FILE/MEMBER. Where the file
// itself was listed just before, its members are no entries of the listed
// library; else they are what was asked for.
func (p *Parser) as400Member(e proto.Entry) (proto.Entry, Verdict) {
	file, member, _ := strings.Cut(e.Name, "/")
	if file == "" || file == "." || file == ".." || member == "" {
		return proto.Entry{}, Unknown
	}
	if file == p.as400.file {
		return proto.Entry{}, Ignored
	}
	e.Name = member
	return e, Understood
}

func as400Type(s string) bool {
	return len(s) > 2 && len(s) <= 10 && s[0] == '*' && strings.Trim(s[1:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// as400Kind: programs, queues and the like exist, but are no files.
func as400Kind(what string) proto.Kind {
	switch what {
	case "*FILE", "*MEM", "*STMF", "*SAVF", "*DOC", "*DSTMF":
		return proto.RegularFile
	case "*DIR", "*DDIR", "*LIB", "*FLR":
		return proto.Directory
	case "*SYMLNK":
		return proto.Symlink
	}
	return proto.Special
}
