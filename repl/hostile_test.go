package repl

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script"
	"ferry/script/bulk"
)

// hostile is what names and replies may hold to drive a terminal, or to be
// read as something else.
func hostile() map[string]string {
	return map[string]string{
		"escape sequences": "a\x1b]0;owned\a\x1b[2J\x1b[31m\x1bPq\x1b\\\x1b[6nz",
		"C1 controls":      "a\u009b2J\u009d0;owned\u009cz\u0085",
		"C0 controls":      "a\x00\x07\b\x0b\x0c\x0e\x7f\r\nz",
		"bidi":             "a\u202egpj.exe\u2066\u2069\u200f\u061cz",
		"invisible":        "a\u200b\ufeff\u00ad\U000e0041\u2028z",
		"invalid UTF-8":    "a\xff\xfe\xc3(\xed\xa0\x80z",
		"a megabyte":       "a" + strings.Repeat("\x1b[2J\u202e", 1<<17) + "z",
	}
}

// drives is the first thing in a text that could drive a terminal, "" for
// none.
func drives(text string) string {
	if !utf8.ValidString(text) {
		return "invalid UTF-8"
	}
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return string(r)
		}
	}
	return ""
}

// sink is a place where text of strangers comes out.
type sink struct {
	show func(t *testing.T, text string) string // all that comes out
	ours *regexp.Regexp                         // what of it is written by us; nil: nothing
	rows int                                    // how many at most; 0: as many as the text needs
}

func sinks() map[string]sink {
	sh := func(ed editor) *shell { return &shell{ed: ed, meter: &meter{dir: func() string { return "/l" }}} }
	listed := func(long bool) func(*testing.T, string) string {
		return func(t *testing.T, text string) string {
			var b bytes.Buffer
			s := &shower{shell: sh(&scripted{})}
			if err := s.List(&b, script.Listing{Title: text, Long: long, Lines: []list.Line{
				{Entry: proto.Entry{Name: text, Kind: proto.Symlink, Target: text}, Verdict: list.Understood}, {Text: text, Verdict: list.Unknown},
			}}); err != nil {
				t.Error(err)
			}
			return b.String()
		}
	}
	item := func(text string) bulk.Item { return bulk.Item{Local: "/l/" + text, Remote: "/r/" + text} }
	return map[string]sink{
		"listing":      {show: listed(false)},
		"long listing": {show: listed(true)},
		"page": {show: func(t *testing.T, text string) string {
			var b bytes.Buffer
			if err := pagePlain(&b, strings.NewReader(text)); err != nil {
				t.Error(err)
			}
			return b.String()
		}},
		"completion menu": {show: func(_ *testing.T, text string) string {
			var b bytes.Buffer
			writeMenu(&b, completion{Menu: []candidate{{text: text}, {text: "b", show: list.Printable(text)}}, More: 3}, 60, Plain)
			return b.String()
		}},
		"typed line and suggestion": {show: func(_ *testing.T, text string) string {
			return drawn([]rune(text), 0, 0, 60, text)
		}, ours: regexp.MustCompile(`\x1b\[\d*[mAC]|\r`)},
		"error": {show: func(_ *testing.T, text string) string {
			var b bytes.Buffer
			printError(&b, errors.Join(errors.New(text), &os.PathError{Op: "open", Path: text, Err: os.ErrNotExist}), 60, Plain)
			return b.String()
		}},
		"conflict": {show: func(_ *testing.T, text string) string {
			return asker{sh(&scripted{})}.describe(bulk.Conflict{Item: item(text), Direction: bulk.Up, FreeName: text}) +
				asker{sh(&scripted{})}.describe(bulk.Conflict{Item: item(text), Direction: bulk.Down, FreeName: "/l/" + text})
		}},
		"transfer": {show: func(_ *testing.T, text string) string {
			var out bytes.Buffer
			m := &meter{to: &out, dir: func() string { return "/l" }, say: func(bulk.EventKind) bool { return true }, c: func() Color { return Plain }, width: func() int { return 60 }}
			for _, kind := range []bulk.EventKind{bulk.Planned, bulk.Started, bulk.Done, bulk.Skipped, bulk.Retried, bulk.Failed} {
				m.event(bulk.Event{Kind: kind, Item: item(text), Files: 1, Why: text, Err: errors.New(text), Direction: bulk.Down})
			}
			return out.String()
		}},
		"bars": {show: func(_ *testing.T, text string) string {
			var out lockedBuffer
			b := drawBars(&out, func() int { return 60 })
			f := &flow{name: text, size: 100, moved: 50, began: time.Unix(1000, 0), now: time.Unix(1001, 0)}
			b.Set(f)
			b.Total(f)
			b.Drop(f)
			b.Close()
			return out.String()
		}, ours: regexp.MustCompile(`\x1b\[(\d+A|J)|\r`), rows: 40},
		"prompt": {show: func(_ *testing.T, text string) string {
			return placed(script.Site{Host: text, User: text, Dir: text}, " (plain)", yellow, 60, Plain) +
				placed(script.Site{Host: "box", Dir: "/" + text}, " (plain)", yellow, 30, Plain)
		}, rows: 1},
		"jobs that complete": {show: func(_ *testing.T, text string) string {
			return candidate{text: "1", show: "1: " + list.Printable(text)}.shown()
		}},
		"history": {show: func(t *testing.T, text string) string {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "history"), []byte(text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			h, err := newHistory(dir)
			if err != nil {
				t.Error(err)
			}
			return strings.Join(h.all(), "\n") + h.suggest("a")
		}},
		"history file": {show: func(t *testing.T, text string) string {
			dir := t.TempDir()
			h, _ := newHistory(dir)
			h.keep(verbs(), "echo "+text)
			b, _ := os.ReadFile(filepath.Join(dir, "history"))
			return string(b)
		}},
	}
}

// What a stranger has written drives no terminal, wherever it comes out.
func TestHostileTextInEverySink(t *testing.T) {
	for where, s := range sinks() {
		for what, text := range hostile() {
			got := s.show(t, text)
			if s.ours != nil {
				got = s.ours.ReplaceAllString(got, "")
			}
			if bad := drives(got); bad != "" {
				t.Errorf("%s: %s: %q came out", where, what, bad)
			}
			if n := strings.Count(got, "\n"); s.rows > 0 && n > s.rows {
				t.Errorf("%s: %s: %d rows", where, what, n)
			}
		}
	}
}
