package proto

import (
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// Kind is what an entry is.
type Kind byte

const (
	UnknownKind Kind = iota
	RegularFile
	Directory
	Symlink
	CurrentDir // cdir: the listed directory itself
	ParentDir  // pdir: one above it
	Special    // device, socket, pipe
)

// Entry is one name in a directory, as MLSx gives it, as a listing line was
// understood, or as a server's store has it. A field that is not known has
// its zero value, but for Size, where NoSize says so.
type Entry struct {
	Name      string // one name in a listing, a path in MLST; bytes, no fixed encoding
	Kind      Kind
	Size      int64 // bytes, NoSize when not known
	Modify    time.Time
	Precision time.Duration // of Modify: 1 ns … 24 h; 0 with no time
	Create    time.Time
	Mode      fs.FileMode // permission bits, when HasMode
	HasMode   bool
	Owner     string
	Group     string
	Links     int    // hard links, 0 when not known
	Unique    string // fact "unique": same value, same file
	Perm      string // fact "perm": what this user may do
	Target    string // where a symlink leads, as it is written there
	LinkKind  Kind   // of a symlink: what it leads to; UnknownKind when that is not known or not allowed
	Charset   string
}

// NoSize is the Size of an entry whose size is not known.
const NoSize = -1

// timeVal is RFC 3659 §2.3's time-val, UTC.
const timeVal = "20060102150405"

// FormatTime writes a time-val: UTC, to the second.
func FormatTime(t time.Time) string { return t.UTC().Format(timeVal) }

// ParseTime reads a time-val with optional fractions of a second and returns
// its precision. A year written as 19100+n (an old bug of many servers) is
// understood as 2000+n.
func ParseTime(s string) (t time.Time, precision time.Duration, err error) {
	s = strings.TrimSpace(s)
	bad := &SyntaxError{What: "time", Text: s}
	whole, frac, hasFrac := strings.Cut(s, ".")
	if len(whole) == len(timeVal)+1 && strings.HasPrefix(whole, "191") {
		whole = "20" + whole[3:]
	}
	if t, err = time.ParseInLocation(timeVal, whole, time.UTC); err != nil {
		return time.Time{}, 0, bad
	}
	precision = time.Second
	if !hasFrac {
		return t, precision, nil
	}
	if frac == "" || len(frac) > 18 {
		return time.Time{}, 0, bad
	}
	ns := time.Duration(0)
	for i, unit := 0, time.Second/10; i < len(frac); i, unit = i+1, unit/10 {
		if frac[i] < '0' || frac[i] > '9' {
			return time.Time{}, 0, bad
		}
		if unit > 0 {
			ns += time.Duration(frac[i]-'0') * unit
			precision = unit
		}
	}
	return t.Add(ns), precision, nil
}

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
// the entry has. RFC 3659 §7.2.
func AppendFacts(b []byte, e Entry, want []Fact) []byte {
	for _, f := range want {
		mark := len(b)
		b = append(b, f...)
		b = append(b, '=')
		value := len(b)
		b = appendFact(b, e, f)
		if len(b) == value {
			b = b[:mark] // not known: the fact is left out
			continue
		}
		b = append(b, ';')
	}
	b = append(b, ' ')
	return append(b, e.Name...)
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
		if !e.Modify.IsZero() {
			b = e.Modify.UTC().AppendFormat(b, timeVal)
		}
	case FactCreate:
		if !e.Create.IsZero() {
			b = e.Create.UTC().AppendFormat(b, timeVal)
		}
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
	facts, name, ok := strings.Cut(strings.TrimPrefix(line, " "), " ")
	if !ok || name == "" {
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
	n, err := strconv.ParseInt(value, 10, 64)
	if err == nil && n < 0 {
		err = strconv.ErrRange
	}
	return n, err
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
