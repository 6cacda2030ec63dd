package panes

import (
	"fmt"
	"os"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// entry is a line typed at the bottom: what to search, a file's name.
type entry struct {
	edit
	label string
	done  func(text string)
}

func (s *Screen) ask(label, text string, done func(string)) {
	s.entry = &entry{label: label, done: done}
	s.entry.set(text, len(text))
}

func (s *Screen) entryKey(ev *tcell.EventKey) {
	switch e := s.entry; ev.Key() {
	case tcell.KeyEnter, tcell.KeyCtrlJ:
		s.entry = nil
		e.done(e.text)
	case tcell.KeyEscape:
		s.entry = nil
	default:
		e.key(ev)
	}
}

func (s *Screen) askSearch() {
	sc := s.reads()
	s.ask("search: ", "", func(text string) {
		sc.find, sc.cursor, sc.mark = strings.ToLower(text), -1, -1
		if text != "" && !sc.search(-1) {
			s.message = "not found: " + text
			sc.find = ""
		}
	})
}

func (s *Screen) again(step int) {
	if sc := s.reads(); !sc.search(step) {
		s.message = "nothing is searched: / begins"
	}
}

func (s *Screen) askFilter() {
	sc := s.reads()
	s.ask("only lines with: ", sc.filter.text, func(text string) {
		sc.filter, sc.back, sc.cursor, sc.mark = newFilter(text), 0, -1, -1
	})
}

// copySelected gives lines to the terminal's clipboard (OSC 52). A terminal
// that has none ignores it.
//
// SECURITY: lines are printable, and what the terminal gets is base64.
func (s *Screen) copySelected() {
	sc := s.reads()
	lines := sc.selected()
	text := written(lines, asIs)
	if len(text) > maxCopy {
		s.message = "too much for a clipboard: v selects less, w saves it to a file"
		return
	}
	s.screen.SetClipboard([]byte(text))
	s.message = fmt.Sprintf("%s copied, if the terminal has a clipboard; w saves to a file", counted(len(lines)))
	sc.mark, sc.cursor = -1, -1
}

// askSave saves the active pane; from the input the dialogue.
func (s *Screen) askSave() {
	p := s.focus
	if p == inputPane {
		p = dialoguePane
	}
	sc := s.scrollOf(p)
	name := fmt.Sprintf("%s-%s.txt", strings.ToLower(names()[p]), s.cfg.Now().Format("20060102-150405"))
	s.ask("save "+strings.ToLower(names()[p])+" as: ", name, func(name string) {
		if strings.TrimSpace(name) == "" || s.cfg.Save == nil {
			return
		}
		lines := sc.selected()
		text := transcript(lines)
		if p != dialoguePane {
			text = written(lines, asIs)
		}
		if err := s.cfg.Save(name, []byte(text)); err != nil {
			s.message = "not saved: " + err.Error()
			return
		}
		s.message = fmt.Sprintf("%s saved as %s", counted(len(lines)), name)
	})
}

func counted(lines int) string {
	if lines == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", lines)
}

func asIs(text string) string { return text }

// NewFile writes a file that does not exist, for its owner only: a dialogue
// tells hosts and names.
func NewFile(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
