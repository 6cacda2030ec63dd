package from

import (
	"fmt"
	"slices"
	"strings"
)

// Note is a statement that has no translation.
type Note struct {
	Line int
	What string
	Hint string
}

// Settings tells what one of lftp's settings means: name is "" when it means
// nothing, ok is false when there is no way to say it, and to is what to do then.
type Settings func(name, value string) (own, to string, ok bool)

// Secrets tells whether a line of ferry holds a secret, and what may be shown
// of it.
type Secrets func(line string) (shown string, has bool)

// Dialects are the languages that can be read.
func Dialects() []string { return []string{"lftp", "winscp", "sftp"} }

// Translate writes a script of a dialect in ferry's language.
func Translate(dialect, text string, known Settings, hides Secrets) (string, []Note, error) {
	if !slices.Contains(Dialects(), dialect) {
		return "", nil, fmt.Errorf("%q is not one of %s", dialect, strings.Join(Dialects(), ", "))
	}
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	w := &writer{known: known, hides: hides}
	switch dialect {
	case "lftp":
		(&lftp{writer: w}).script(text)
	case "winscp":
		(&winscp{writer: w, kind: "binary"}).script(text)
	case "sftp":
		(&sftp{w}).script(text)
	}
	return w.out.String(), w.notes, nil
}
