package panes

import "github.com/gdamore/tcell/v2"

// scope is where a key has its meaning.
type scope int

const (
	everywhere scope = iota
	typing           // in the input
	reading          // in the dialogue and the responses
	talking          // in the dialogue
)

// binding is one row of the table of keys: the line at the bottom, the help
// and the dispatch all read it.
type binding struct {
	in     scope
	key    tcell.Key
	letter rune   // with KeyRune
	name   string // as it is shown
	brief  string // for the line at the bottom, "" for not there
	long   string // "" for one that another row tells of
	do     func(*Screen)
}

// bindings are all keys but those that edit a line.
func bindings() []binding {
	up := func(rows func(*scroll) int) func(*Screen) {
		return func(s *Screen) { sc := s.reads(); sc.move(rows(sc)) }
	}
	row := func(n int) func(*scroll) int { return func(*scroll) int { return n } }
	page := func(n int) func(*scroll) int { return func(sc *scroll) int { return n * sc.page() } }
	letter := func(in scope, r rune, brief, long string, do func(*Screen)) binding {
		return binding{in, tcell.KeyRune, r, string(r), brief, long, do}
	}
	return []binding{
		{typing, 0, 0, "Tab", "complete", "complete, or go to the next pane when the line is empty", nil},
		{typing, 0, 0, "→", "", "take the dim rest of the line, from the history", nil},
		{typing, 0, 0, "↑ ↓", "", "the history; ^R searches it", nil},
		{reading, tcell.KeyTab, 0, "Tab", "next pane", "the next pane; Shift-Tab the one before, from the input too", func(s *Screen) { s.turn(1) }},
		{everywhere, tcell.KeyBacktab, 0, "⇧Tab", "", "", func(s *Screen) { s.turn(-1) }},
		{everywhere, tcell.KeyF1, 0, "F1", "help", "these keys", (*Screen).toggleHelp},
		{everywhere, tcell.KeyF2, 0, "F2", "", "to the input; F3 the dialogue, F4 the responses", func(s *Screen) { s.focus = inputPane }},
		{everywhere, tcell.KeyF3, 0, "F3", "", "", func(s *Screen) { s.focus = dialoguePane }},
		{everywhere, tcell.KeyF4, 0, "F4", "", "", func(s *Screen) { s.focus = responsesPane }},
		{everywhere, tcell.KeyF5, 0, "F5", "zoom", "one pane only, and back", func(s *Screen) { s.zoomed = !s.zoomed }},
		{everywhere, tcell.KeyF6, 0, "F6", "", "panes stacked, beside each other, as it fits", (*Screen).rearrange},
		{typing, 0, 0, "^R", "history", "", nil},
		{everywhere, tcell.KeyCtrlC, 0, "^C", "stop", "stop what runs; clear the line; leave a question", (*Screen).interrupt},
		{typing, 0, 0, "^D", "leave", "leave; F10 from anywhere", nil},
		{everywhere, tcell.KeyF10, 0, "F10", "", "", (*Screen).leave},
		{everywhere, tcell.KeyCtrlL, 0, "^L", "", "draw everything again", func(s *Screen) { s.screen.Sync() }},
		{everywhere, tcell.KeyPgUp, 0, "PgUp PgDn", "", "scroll; from the input the responses", up(page(1))},
		{everywhere, tcell.KeyPgDn, 0, "PgDn", "", "", up(page(-1))},
		{reading, tcell.KeyUp, 0, "↑ ↓ j k", "", "scroll, or select more after v", func(s *Screen) { s.step(1) }},
		{reading, tcell.KeyDown, 0, "↓", "", "", func(s *Screen) { s.step(-1) }},
		letter(reading, 'k', "", "", func(s *Screen) { s.step(1) }),
		letter(reading, 'j', "", "", func(s *Screen) { s.step(-1) }),
		letter(reading, ' ', "", "", up(page(-1))),
		letter(reading, 'b', "", "", up(page(1))),
		letter(reading, 'u', "", "", up(row(5))),
		{reading, tcell.KeyHome, 0, "Home End", "", "the oldest line, the newest (also g G)", func(s *Screen) { s.reads().top() }},
		{reading, tcell.KeyEnd, 0, "End", "", "", func(s *Screen) { s.reads().back = 0 }},
		letter(reading, 'g', "", "", func(s *Screen) { s.reads().top() }),
		letter(reading, 'G', "", "", func(s *Screen) { s.reads().back = 0 }),
		letter(reading, '/', "search", "search upwards; n goes on, N goes back", (*Screen).askSearch),
		{reading, tcell.KeyF7, 0, "F7", "", "", (*Screen).askSearch},
		letter(reading, 'n', "", "", func(s *Screen) { s.again(-1) }),
		letter(reading, 'N', "", "", func(s *Screen) { s.again(1) }),
		letter(reading, 'f', "filter", "show only lines with these words: RETR  -NOOP  C:  S:  #2", (*Screen).askFilter),
		{reading, tcell.KeyF8, 0, "F8", "", "", (*Screen).askFilter},
		letter(talking, 't', "times", "times: of the clock, since the line before, none", func(s *Screen) { s.dialogue.times = (s.dialogue.times + 1) % timesCount }),
		letter(reading, 'c', "", "empty the pane", func(s *Screen) { s.reads().clear() }),
		letter(reading, 'v', "select", "select lines, with the arrows or the mouse", (*Screen).startSelect),
		letter(reading, 'y', "copy", "copy what is selected, else all, to the terminal's clipboard", (*Screen).copySelected),
		letter(reading, 'w', "save", "save it to a file: the dialogue as a transcript", (*Screen).askSave),
		{everywhere, tcell.KeyF9, 0, "F9", "", "", (*Screen).askSave},
		letter(reading, 'z', "", "", func(s *Screen) { s.zoomed = !s.zoomed }),
		letter(reading, '?', "", "", (*Screen).toggleHelp),
		letter(reading, 'q', "", "", func(s *Screen) { s.focus = inputPane }),
		{reading, tcell.KeyEscape, 0, "Esc", "", "end search, selection and filter; back to the input", (*Screen).escape},
		{everywhere, 0, 0, "mouse", "", "click a pane, a button, a name; wheel scrolls; with Shift the terminal's own", nil},
	}
}

// key sees each key before tview does.
func (s *Screen) key(ev *tcell.EventKey) *tcell.EventKey {
	if ev.Key() == tcell.KeyCtrlZ {
		s.stop()
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.message = ""
	switch {
	case s.entry != nil && ev.Key() != tcell.KeyCtrlC:
		s.entryKey(ev)
	case s.help != nil && ev.Key() != tcell.KeyCtrlC && ev.Key() != tcell.KeyF10:
		s.helpKey(ev)
	case s.questioned(ev):
		s.askKey(ev)
	case s.bound(ev):
	case s.focus == inputPane:
		s.inputKey(ev)
	case ev.Key() == tcell.KeyRune && ev.Modifiers()&tcell.ModAlt == 0 && s.focus != inputPane:
		s.message = "to type, go back to the input with Esc or F2; ? shows the keys"
	}
	return nil
}

// questioned reports whether a key belongs to the question.
func (s *Screen) questioned(ev *tcell.EventKey) bool {
	if s.asking == nil || s.focus != responsesPane {
		return false
	}
	switch ev.Key() {
	case tcell.KeyCtrlC, tcell.KeyCtrlL, tcell.KeyPgUp, tcell.KeyPgDn, tcell.KeyBacktab:
		return ev.Key() == tcell.KeyBacktab && len(s.asking.Answers) > 0
	}
	return ev.Key() < tcell.KeyF1 || ev.Key() > tcell.KeyF12
}

// bound runs what a key is bound to.
func (s *Screen) bound(ev *tcell.EventKey) bool {
	p := s.focus
	empty := p == inputPane && s.input.text == "" && !s.input.menu.open()
	if ev.Key() == tcell.KeyTab && empty {
		s.turn(1)
		return true
	}
	if p == inputPane && s.input.menu.open() && ev.Key() == tcell.KeyBacktab {
		return false
	}
	for _, b := range bindings() {
		if b.do == nil || b.key != ev.Key() || b.key == tcell.KeyRune && (b.letter != ev.Rune() || ev.Modifiers()&tcell.ModAlt != 0) {
			continue
		}
		if s.within(b.in, p) {
			b.do(s)
			return true
		}
	}
	return false
}

// within reports whether a scope holds in a pane.
func (s *Screen) within(in scope, p pane) bool {
	switch in {
	case typing:
		return p == inputPane
	case reading:
		return p != inputPane
	case talking:
		return p == dialoguePane
	}
	return true
}

// reads is the pane that is scrolled: the responses while one types.
func (s *Screen) reads() *scroll {
	if p := s.focus; p != inputPane {
		return s.scrollOf(p)
	}
	if s.zoomed {
		return &s.input.scroll
	}
	return &s.responses.scroll
}

func (s *Screen) turn(by int) { s.focus = (s.focus + pane(by) + paneCount) % paneCount }

func (s *Screen) rearrange() {
	s.layout = (s.layout + 1) % 3
	s.message = []string{"panes as they fit", "panes stacked", "panes beside each other"}[s.layout]
}

// step scrolls by a row, or while lines are selected moves the end of that.
func (s *Screen) step(up int) {
	sc := s.reads()
	if sc.mark < 0 {
		sc.move(up)
		return
	}
	for n := sc.cursor - up; n >= sc.first && n < sc.end(); n -= up {
		if sc.filter.passes(sc.line(n)) {
			sc.cursor = n
			sc.reveal(n)
			return
		}
	}
}

// startSelect begins to select at the line found, else the last one seen; or
// ends it.
func (s *Screen) startSelect() {
	sc := s.reads()
	switch {
	case sc.mark >= 0:
		sc.mark, sc.cursor = -1, -1
	case sc.cursor >= 0:
		sc.mark = sc.cursor
	case len(sc.shown) > 0:
		sc.mark = sc.shown[len(sc.shown)-1]
		sc.cursor = sc.mark
	}
}

// escape ends one thing after the other.
func (s *Screen) escape() {
	sc := s.reads()
	switch {
	case sc.cursor >= 0 || sc.find != "":
		sc.cursor, sc.mark, sc.find = -1, -1, ""
	case sc.filter.text != "":
		sc.filter = filter{}
	case sc.back > 0:
		sc.back = 0
	case s.zoomed:
		s.zoomed = false
	default:
		s.focus = inputPane
	}
}
