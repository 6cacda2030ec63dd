package repl

import (
	"io"
	"os"
	"path"
	"strings"

	"github.com/mattn/go-runewidth"

	"ferry/proto"
	"ferry/script"
)

// Color says whether the shell may colour what it shows.
type Color int

const (
	Plain Color = iota
	Colored
)

// Select Graphic Rendition, ECMA-48 §8.3.117.
const (
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	reset  = "\x1b[0m"

	directoryColor = "\x1b[1;34m"
)

func paint(c Color, how, text string) string {
	if c == Plain || how == "" || text == "" {
		return text
	}
	return how + text + reset
}

// kindColors colours names by kind and ending, as the variable LS_COLORS says.
type kindColors struct {
	kinds map[proto.Kind]string
	ends  map[string]string // ".gz"
}

// newKindColors reads LS_COLORS: "di=01;34:*.gz=31".
//
// SECURITY: only digits and semicolons are believed: the value goes to the
// terminal.
func newKindColors(text string) kindColors {
	k := kindColors{
		kinds: map[proto.Kind]string{proto.Directory: directoryColor, proto.Symlink: cyan, proto.Special: yellow},
		ends:  map[string]string{},
	}
	names := map[string]proto.Kind{"di": proto.Directory, "ln": proto.Symlink, "so": proto.Special, "fi": proto.RegularFile}
	for item := range strings.SplitSeq(text, ":") {
		key, value, ok := strings.Cut(item, "=")
		if !ok || value == "" || strings.Trim(value, "0123456789;") != "" {
			continue
		}
		sgr := "\x1b[" + value + "m"
		if kind, ok := names[key]; ok {
			k.kinds[kind] = sgr
		} else if end, ok := strings.CutPrefix(key, "*."); ok {
			k.ends["."+strings.ToLower(end)] = sgr
		}
	}
	return k
}

// ink colours what the language shows: the dialogue by direction, and what a
// comparison has found.
func (sh *shell) ink(i script.Ink, text string) string {
	return paint(sh.palette(), map[script.Ink]string{
		script.Sent: cyan, script.Received: green, script.Added: green, script.Removed: red, script.Place: cyan, script.Dir: directoryColor,
	}[i], text)
}

func (k kindColors) of(e proto.Entry) string {
	if e.Kind == proto.RegularFile {
		if sgr := k.ends[strings.ToLower(path.Ext(e.Name))]; sgr != "" {
			return sgr
		}
	}
	return k.kinds[e.Kind]
}

// printError shows an error in one colour and its hint under it, long lines
// indented.
func printError(w io.Writer, err error, columns int, c Color) {
	var text strings.Builder
	script.PrintError(&text, err)
	var b strings.Builder
	for line := range strings.Lines(text.String()) {
		line = strings.TrimSuffix(line, "\n")
		how := red
		if strings.HasPrefix(line, "hint:") {
			how = cyan
		}
		for i, part := range wrapped(line, columns-1, 6) {
			if i > 0 {
				part = strings.Repeat(" ", 6) + part
			}
			b.WriteString(paint(c, how, part) + "\n")
		}
	}
	_, _ = io.WriteString(w, b.String())
}

// wrapped cuts a line at blanks into parts of at most so many columns, all but
// the first shorter by the indent. A word that is longer is cut.
func wrapped(line string, columns, indent int) []string {
	var parts []string
	for room := max(columns, 2*indent, 2); ; room = max(columns-indent, indent, 2) { // a wide character has room
		head := beginning(line, room)
		if len(head) == len(line) {
			return append(parts, line)
		}
		cut := strings.LastIndexByte(head, ' ')
		if len(line) > len(head) && line[len(head)] == ' ' {
			cut = len(head)
		}
		if cut <= 0 {
			cut = len(head)
		}
		parts, line = append(parts, strings.TrimRight(line[:cut], " ")), strings.TrimLeft(line[cut:], " ")
	}
}

// beginning is as much of a text as so many columns hold. It does not look at
// the rest: a line may be a megabyte.
func beginning(text string, columns int) string {
	for i, r := range text {
		if columns -= runewidth.RuneWidth(r); columns < 0 {
			return text[:i]
		}
	}
	return text
}

// environmentColor follows NO_COLOR (no-color.org).
func environmentColor(t Terminal) Color {
	if os.Getenv("NO_COLOR") != "" || t == Dumb {
		return Plain
	}
	return Colored
}
