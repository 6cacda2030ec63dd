package proto

import (
	"io/fs"
	"strconv"
	"strings"
)

var kindNames = [...]struct {
	kind Kind
	name string
}{
	{RegularFile, "file"}, {Directory, "dir"}, {CurrentDir, "cdir"}, {ParentDir, "pdir"},
	{Symlink, "OS.unix=symlink"}, {Special, "OS.unix=special"},
}

// Fact is the name of one fact of MLST and MLSD. RFC 3659 §7.5.
type Fact string

const (
	FactType   Fact = "type"
	FactSize   Fact = "size"
	FactModify Fact = "modify"
	FactCreate Fact = "create"
	FactPerm   Fact = "perm"
	FactUnique Fact = "unique"
	FactMode   Fact = "UNIX.mode"
	FactOwner  Fact = "UNIX.ownername"
	FactGroup  Fact = "UNIX.groupname"
)

// Facts are those that FormatFacts can write, in the order of FEAT's MLST line.
func Facts() []Fact {
	return []Fact{FactType, FactSize, FactModify, FactCreate, FactPerm, FactUnique, FactMode, FactOwner, FactGroup}
}

// AppendFacts appends "fact=value;fact=value; name" for the wanted facts that
// the entry has and that can be written. RFC 3659 §7.2.
//
// SECURITY: control characters of the name become question marks, so that a
// name can't become a second line of the listing.
func AppendFacts(b []byte, e Entry, want []Fact) []byte {
	for _, f := range want {
		mark := len(b)
		b = append(b, f...)
		b = append(b, '=')
		value := len(b)
		b = appendFact(b, e, f)
		if len(b) == value || !isFactValue(b[value:]) {
			b = b[:mark] // not known: the fact is left out
			continue
		}
		b = append(b, ';')
	}
	b = append(b, ' ')
	for i := range len(e.Name) {
		if c := e.Name[i]; c < ' ' || c == 0x7f {
			b = append(b, '?')
		} else {
			b = append(b, c)
		}
	}
	return b
}

// isFactValue reports whether a value ends where it should: an owner such as
// "domain users" would not. RFC 3659 §7.2 (SCHAR).
func isFactValue(v []byte) bool {
	for _, c := range v {
		if c <= ' ' || c == ';' || c == 0x7f {
			return false
		}
	}
	return true
}

func appendFact(b []byte, e Entry, f Fact) []byte {
	switch f {
	case FactType:
		for _, k := range kindNames {
			if k.kind == e.Kind {
				b = append(b, k.name...)
			}
		}
	case FactSize:
		if e.Size != NoSize && e.Kind != Directory && e.Kind != CurrentDir && e.Kind != ParentDir {
			b = strconv.AppendInt(b, e.Size, 10)
		}
	case FactModify:
		b = appendTime(b, e.Modify)
	case FactCreate:
		b = appendTime(b, e.Create)
	case FactPerm:
		b = append(b, e.Perm...)
	case FactUnique:
		b = append(b, e.Unique...)
	case FactMode:
		if e.HasMode {
			b = append(b, '0')
			b = strconv.AppendUint(b, uint64(e.Mode.Perm()), 8)
		}
	case FactOwner:
		b = append(b, e.Owner...)
	case FactGroup:
		b = append(b, e.Group...)
	}
	return b
}

// ParseFacts reads one entry of MLST or MLSD, with or without the blank that
// indents it in MLST. RFC 3659 §7.2. Facts that it doesn't know are passed
// over; a fact with a value that can't be read makes the line an error, since
// a listing half understood must not look whole.
func ParseFacts(line string) (Entry, error) {
	e := Entry{Size: NoSize}
	facts, name := cutFacts(line)
	if name == "" {
		return e, &SyntaxError{What: "fact list", Text: line, Why: "no name"}
	}
	e.Name = name
	for fact := range strings.SplitSeq(facts, ";") {
		if fact == "" {
			continue
		}
		key, value, ok := strings.Cut(fact, "=")
		if !ok {
			return e, &SyntaxError{What: "fact list", Text: line, Why: "no value for " + key}
		}
		if err := e.setFact(strings.ToLower(key), value); err != nil {
			return e, &SyntaxError{What: "fact list", Text: line, Why: "bad " + key}
		}
	}
	return e, nil
}

// cutFacts splits an entry at the blank before its name. A line that begins
// with a blank is either MLST's or has no facts at all: it has some if its
// first word looks so (an MLSD line " a=b c" is misread; servers send facts).
func cutFacts(line string) (facts, name string) {
	indented := strings.HasPrefix(line, " ")
	line = strings.TrimPrefix(line, " ")
	end := strings.IndexByte(line, ' ')
	if indented && (end < 0 || end > 0 && !strings.Contains(line[:end], "=")) {
		return "", line
	}
	if end < 0 {
		return "", ""
	}
	// Links to names with blanks, "type=OS.unix=slink:/a b;size=1; name", break
	// the rule that facts have none; every fact ends with a semicolon, though.
	if semi := strings.Index(line, "; "); semi >= end && strings.Contains(strings.ToLower(line[:end]), "=os.unix=s") {
		end = semi + 1
	}
	return line[:end], line[end+1:]
}

func (e *Entry) setFact(key, value string) (err error) {
	switch key {
	case "type":
		e.Kind, e.Target = parseKind(value)
	case "size", "sizd":
		e.Size, err = parseSize(value)
	case "modify":
		e.Modify, e.Precision, err = ParseTime(value)
	case "create":
		e.Create, _, err = ParseTime(value)
	case "perm":
		e.Perm = strings.ToLower(value)
	case "unique":
		e.Unique = value
	case "charset":
		e.Charset = value
	case "unix.mode":
		var m uint64
		if m, err = strconv.ParseUint(value, 8, 32); err == nil {
			e.Mode, e.HasMode = fs.FileMode(m)&fs.ModePerm, true
		}
	case "unix.owner", "unix.uid":
		if e.Owner == "" {
			e.Owner = value
		}
	case "unix.group", "unix.gid":
		if e.Group == "" {
			e.Group = value
		}
	case "unix.ownername":
		e.Owner = value
	case "unix.groupname":
		e.Group = value
	}
	return err
}

func parseSize(value string) (int64, error) {
	n, err := strconv.ParseUint(value, 10, 63)
	return int64(n), err
}

// parseKind reads the type fact; "OS.unix=slink:/target" names a target.
func parseKind(value string) (Kind, string) {
	lower := strings.ToLower(value)
	for _, k := range kindNames {
		if lower == strings.ToLower(k.name) {
			return k.kind, ""
		}
	}
	if strings.HasPrefix(lower, "os.unix=slink") || strings.HasPrefix(lower, "os.unix=symlink") {
		_, target, _ := strings.Cut(value, ":")
		return Symlink, target
	}
	return UnknownKind, ""
}
