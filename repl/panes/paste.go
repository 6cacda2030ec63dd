package panes

import (
	"slices"
	"strings"

	"github.com/rivo/tview"
)

// PasteHandler is tview's.
func (d *desk) PasteHandler() func(string, func(tview.Primitive)) {
	return func(text string, _ func(tview.Primitive)) {
		s := d.Screen
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case s.entry != nil:
			s.entry.insert(strings.TrimRight(text, "\r\n"))
		case s.asking != nil:
			s.asking.insert(strings.TrimRight(text, "\r\n"))
		default:
			s.focus = inputPane
			s.pasteLines(text)
		}
	}
}

// pasteLines takes what was pasted. Lines that end are entered: they are
// shown, one after the other, as they run.
func (s *Screen) pasteLines(text string) {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
	if len(lines) > maxQueue {
		s.message = "that is more lines than can be pasted; `source FILE` runs a file"
		return
	}
	for i, l := range slices.All(lines) {
		s.input.insert(l)
		if i < len(lines)-1 {
			s.enter()
		}
	}
}
