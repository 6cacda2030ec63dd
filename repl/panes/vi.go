package panes

import "github.com/gdamore/tcell/v2"

// vi is the state of the keys of vi.
type vi struct {
	commanding bool // not inserting
	operator   rune // d or c, waiting for where to
}

func (v *vi) inserting() { *v = vi{} }

// viKey is a key in the line when keys are those of vi. While letters are
// inserted only Escape is special.
func (s *Screen) viKey(ev *tcell.EventKey) bool {
	in := &s.input
	if !in.vi.commanding {
		if ev.Key() != tcell.KeyEscape {
			return false
		}
		in.vi.commanding = true
		in.pos = in.left()
		return true
	}
	if ev.Key() == tcell.KeyEscape {
		in.vi.operator = 0
		return true
	}
	if ev.Key() != tcell.KeyRune || ev.Modifiers()&tcell.ModAlt != 0 {
		return false
	}
	in.command(ev.Rune())
	return true
}

// command is a letter of vi.
func (in *input) command(r rune) {
	operator := in.vi.operator
	in.vi.operator = 0
	if operator != 0 {
		if r == operator { // dd, cc
			in.cut(0, len(in.text))
		} else if to, ok := in.motion(r); ok {
			in.cut(min(in.pos, to), max(in.pos, to))
		}
		in.vi.commanding = operator != 'c'
		return
	}
	if to, ok := in.motion(r); ok {
		in.pos = to
		return
	}
	switch r {
	case 'i', 'a', 'I', 'A', 'C', 'S':
		in.vi.inserting()
	case 'd', 'c':
		in.vi.operator = r
	case 'x':
		in.cut(in.pos, in.right())
	case 'X':
		in.cut(in.left(), in.pos)
	case 'k':
		in.older()
	case 'j':
		in.newer()
	case 'p':
		in.pos = in.right()
		in.insert(in.killed)
	case 'P':
		in.insert(in.killed)
	}
	switch r {
	case 'a':
		in.pos = in.right()
	case 'A':
		in.pos = len(in.text)
	case 'I':
		in.pos = 0
	case 'C', 'D':
		in.cut(in.pos, len(in.text))
	case 'S':
		in.cut(0, len(in.text))
	}
}

// motion is where a letter leads to.
func (in *input) motion(r rune) (to int, ok bool) {
	switch r {
	case 'h':
		return in.left(), true
	case 'l', ' ':
		return in.right(), true
	case '0', '^':
		return 0, true
	case '$':
		return len(in.text), true
	case 'b':
		return in.wordLeft(), true
	case 'w':
		return in.nextWord(), true
	case 'e':
		return in.wordRight(), true
	}
	return 0, false
}

// nextWord is the beginning of the next word.
func (in *input) nextWord() int {
	e := edit{text: in.text, pos: in.pos}
	for e.pos < len(e.text) && inWord([]rune(e.text[e.pos:])[0]) {
		e.pos = e.right()
	}
	for e.pos < len(e.text) && !inWord([]rune(e.text[e.pos:])[0]) {
		e.pos = e.right()
	}
	return e.pos
}
