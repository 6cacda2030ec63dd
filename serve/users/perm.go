package users

import (
	"fmt"
	"strings"
)

// Perm is a set of permissions, one bit for each kind of operation.
type Perm uint16

const (
	List      Perm = 1 << iota // LIST, NLST, MLSD, MLST, SIZE, MDTM, STAT, CWD
	Read                       // RETR
	Write                      // STOR and STOU of a name that is free
	Overwrite                  // STOR onto a file
	Append                     // APPE, and STOR at an offset
	Delete                     // DELE, RMD
	Rename                     // RNFR, RNTO
	Mkdir                      // MKD
	Chmod                      // SITE CHMOD, MFMT, MFF: modes and times
	Site                       // the other SITE commands
)

// Sets with a name.
const (
	All      = List | Read | Write | Overwrite | Append | Delete | Rename | Mkdir | Chmod | Site
	ReadOnly = List | Read
)

// Has reports whether every permission of q is in p.
func (p Perm) Has(q Perm) bool { return p&q == q }

// words are in the order of the bits.
func words() []string {
	return []string{"list", "read", "write", "overwrite", "append", "delete", "rename", "mkdir", "chmod", "site"}
}

// String is the words of p, "all" or "none"; ParsePerm reads it.
func (p Perm) String() string {
	switch p & All {
	case All:
		return "all"
	case 0:
		return "none"
	}
	var w []string
	for i, word := range words() {
		if p&(1<<i) != 0 {
			w = append(w, word)
		}
	}
	return strings.Join(w, " ")
}

// ParsePerm reads words with blanks or commas between them. "all", "none" and
// "read-only" are words, too.
func ParsePerm(text string) (Perm, error) {
	split := func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }
	fields := strings.FieldsFunc(strings.ToLower(text), split)
	if len(fields) == 0 {
		return 0, fmt.Errorf("no permission given: some of %s, or all, none, read-only", strings.Join(words(), " "))
	}
	var p Perm
	for _, f := range fields {
		q, err := parseWord(f)
		if err != nil {
			return 0, err
		}
		p |= q
	}
	return p, nil
}

func parseWord(word string) (Perm, error) {
	switch word {
	case "all":
		return All, nil
	case "none":
		return 0, nil
	case "read-only":
		return ReadOnly, nil
	}
	for i, w := range words() {
		if w == word {
			return 1 << i, nil
		}
	}
	return 0, fmt.Errorf("no permission is called %q: %s, or all, none, read-only", word, strings.Join(words(), " "))
}
