package panes

import (
	"strings"

	"github.com/gdamore/tcell/v2"
)

// recall is the history as the arrows and ^R go through it.
type recall struct {
	lines     []string
	at        int    // len(lines) is the line that was being typed
	typed     string // which is kept here
	searching bool
	wanted    string
}

// remember looks what the history is now, unless one is somewhere in it.
func (in *input) remember() {
	r := &in.recall
	if in.line.History != nil && r.at == len(r.lines) {
		r.lines = in.line.History()
		r.at = len(r.lines)
	}
}

func (in *input) older() {
	in.remember()
	in.walk(-1)
}

func (in *input) newer() { in.walk(1) }

func (in *input) walk(step int) {
	r := &in.recall
	if r.at+step < 0 || r.at+step > len(r.lines) {
		return
	}
	if r.at == len(r.lines) {
		r.typed = in.text
	}
	text := r.typed
	if r.at += step; r.at < len(r.lines) {
		text = r.lines[r.at]
	}
	in.set(text, len(text))
}

// searchKey is a key of ^R: letters narrow, ^R goes on to older lines, Escape
// takes the line found, ^G gives up; any other takes it and is a key of it.
func (s *Screen) searchKey(ev *tcell.EventKey) bool {
	in := &s.input
	r := &in.recall
	switch ev.Key() {
	case tcell.KeyRune:
		r.wanted += string(ev.Rune())
		in.search(min(r.at, len(r.lines)-1))
	case tcell.KeyBackspace, tcell.KeyBackspace2:
		if letters := []rune(r.wanted); len(letters) > 0 {
			r.wanted = string(letters[:len(letters)-1])
		}
		in.search(len(r.lines) - 1)
	case tcell.KeyCtrlR, tcell.KeyUp:
		in.search(r.at - 1)
	case tcell.KeyEscape:
		r.searching = false
	case tcell.KeyCtrlG:
		r.searching, r.at = false, len(r.lines)
		in.set(r.typed, len(r.typed))
	default:
		r.searching = false
		return false
	}
	return true
}

// search looks for a line from at on to older ones.
func (in *input) search(at int) {
	r := &in.recall
	if r.at == len(r.lines) {
		r.typed = in.text
	}
	for i := at; i >= 0 && r.wanted != ""; i-- {
		found := strings.Index(strings.ToLower(r.lines[i]), strings.ToLower(r.wanted))
		if found >= 0 {
			r.at = i
			in.set(r.lines[i], min(found+len(r.wanted), len(r.lines[i])))
			return
		}
	}
}
