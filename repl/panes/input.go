package panes

import (
	"io"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// Line is how a line of the language is read.
type Line struct {
	Prompt   string                                // may be coloured
	Complete func(line string, pos int) Completion // Tab; it may take a while
	Suggest  func(line string) string              // the rest of the likeliest line
	History  func() []string                       // oldest first; asked again when it is looked at
	Vi       bool                                  // keys of vi, not of emacs
}

// Completion is a line that is further than it was, or what it could become.
type Completion struct {
	Line string
	Pos  int
	Menu []Choice
	More int // how many are left out of Menu
}

// Choice is one row of a menu, and the line that it makes.
type Choice struct {
	Text  string
	Color string // as in "\x1b[1m"
	Line  string
	Pos   int
}

// input is the pane of what is typed.
type input struct {
	scroll
	edit
	line    Line
	reading bool     // a line is waited for
	queue   []string // typed ahead
	busy    string   // the line that runs
	menu    menu
	recall  recall
	vi      vi

	entered chan answer
	wanted  chan completing
	pending bool // a completion is under way
}

// answer is what a person gave.
type answer struct {
	text string
	err  error
}

// completing is a line whose completion is wanted.
type completing struct {
	line string
	pos  int
}

func newInput() input {
	return input{scroll: newScroll(4), entered: make(chan answer, 1), wanted: make(chan completing, 1)}
}

// Read reads a line: ErrInterrupted for ^C, io.EOF for ^D and after Close. The
// caller's goroutine completes, while the screen goes on.
func (s *Screen) Read(l Line) (string, error) {
	s.change(func() { s.begin(l) })
	for {
		select {
		case a := <-s.input.entered:
			s.change(func() { s.message = "" })
			return a.text, a.err
		case w := <-s.input.wanted:
			c := l.Complete(w.line, w.pos)
			s.change(func() { s.completed(w, c) })
		case <-s.closed:
			return "", io.EOF
		}
	}
}

// Reprompt changes the prompt of the line that is typed.
func (s *Screen) Reprompt(prompt string) {
	s.change(func() { s.input.line.Prompt = label(prompt) })
}

// begin waits for a line, or takes one that was typed ahead.
func (s *Screen) begin(l Line) {
	in := &s.input
	in.line, in.reading, in.busy = l, true, ""
	in.line.Prompt = label(l.Prompt)
	in.recall = recall{}
	in.remember()
	s.palette = newPalette(s.cfg.Colored())
	if s.cfg.Status != nil {
		s.status, s.trust = s.cfg.Status()
		s.status = label(s.status)
	}
	if len(in.queue) > 0 {
		next := in.queue[0]
		in.queue = in.queue[1:]
		in.give(s, next)
	}
}

// give hands a line over and shows it above.
func (in *input) give(s *Screen, text string) {
	in.echo(s, text)
	in.reading, in.pending, in.busy = false, false, strings.TrimSpace(text)
	s.responses.since, s.responses.back = s.responses.end(), 0
	in.entered <- answer{text: text}
}

func (in *input) echo(s *Screen, text string) {
	in.add(line{at: s.cfg.Now(), spans: append(in.prompt(s), span{printable(text), s.palette.normal})})
	in.back = 0
}

// prompt is what stands before the line.
func (in *input) prompt(s *Screen) []span { return styled(in.line.Prompt, s.palette.normal) }

// inputKey is a key in the input's pane.
func (s *Screen) inputKey(ev *tcell.EventKey) {
	in := &s.input
	if in.menu.open() && s.menuKey(ev) {
		return
	}
	if in.recall.searching && s.searchKey(ev) {
		return
	}
	in.back = 0
	if in.line.Vi && s.viKey(ev) {
		return
	}
	switch ev.Key() {
	case tcell.KeyEnter, tcell.KeyCtrlJ:
		s.enter()
	case tcell.KeyTab:
		s.tab()
	case tcell.KeyUp, tcell.KeyCtrlP:
		in.older()
	case tcell.KeyDown, tcell.KeyCtrlN:
		in.newer()
	case tcell.KeyCtrlR:
		in.remember()
		in.recall.searching, in.recall.wanted = true, ""
	case tcell.KeyCtrlD:
		if in.text == "" {
			s.leave()
			return
		}
		in.edit.key(ev)
	case tcell.KeyRight, tcell.KeyCtrlF, tcell.KeyEnd, tcell.KeyCtrlE:
		if rest := s.suggestion(); rest != "" {
			in.insert(rest)
			return
		}
		in.edit.key(ev)
	default:
		in.edit.key(ev)
	}
}

// enter ends the line. While something runs it is typed ahead.
func (s *Screen) enter() {
	in := &s.input
	text := in.text
	in.set("", 0)
	in.vi.inserting()
	switch {
	case in.reading:
		in.give(s, text)
	case strings.TrimSpace(text) == "":
	case len(in.queue) < maxQueue:
		in.queue = append(in.queue, text)
	default:
		in.set(text, len(text))
		s.message = "that is enough typed ahead"
	}
}

// leave is ^D.
func (s *Screen) leave() {
	if in := &s.input; in.reading {
		in.reading = false
		in.entered <- answer{err: io.EOF}
		return
	}
	s.message = "something runs: ^C stops it"
}

// interrupt is ^C, in whichever pane: a question ends, then what runs, then
// the line is cleared.
func (s *Screen) interrupt() {
	in := &s.input
	switch {
	case s.asking != nil:
		s.answer(answer{err: ErrInterrupted})
	case in.reading:
		if in.text != "" {
			in.echo(s, in.text+"^C")
		}
		in.set("", 0)
		in.menu, in.recall.searching, in.pending = menu{}, false, false
		in.vi.inserting()
		in.reading = false
		in.entered <- answer{err: ErrInterrupted}
	default:
		in.queue = nil // what was to come after it is not wanted either
		if s.cfg.Interrupt != nil {
			s.cfg.Interrupt()
		}
	}
}

// suggestion is what the right arrow takes at the end of the line.
func (s *Screen) suggestion() string {
	in := &s.input
	if in.text == "" || in.pos != len(in.text) || in.line.Suggest == nil || in.recall.searching {
		return ""
	}
	return in.line.Suggest(in.text)
}

// tab asks for a completion. Somebody completes only while a line is read.
func (s *Screen) tab() {
	in := &s.input
	if !in.reading || in.line.Complete == nil || in.pending {
		return
	}
	in.pending = true
	select {
	case in.wanted <- completing{in.text, in.pos}:
	default: // one for a line that is gone is about to be dropped
		in.pending = false
	}
}

// completed takes a completion, unless the line is another one by now.
func (s *Screen) completed(w completing, c Completion) {
	in := &s.input
	if !in.pending {
		return
	}
	in.pending = false
	if in.text != w.line || in.pos != w.pos {
		return
	}
	in.set(c.Line, c.Pos)
	in.menu = newMenu(c)
	if len(c.Menu) == 0 && c.Line == w.line {
		s.message = "nothing completes this"
	}
}
