package panes

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/uniseg"
)

// edit is a line that is being typed, with the keys of emacs. A key moves by
// whole characters, marks and all.
type edit struct {
	text   string
	pos    int    // in bytes, between two characters
	killed string // what ^Y brings back
	secret bool   // SECURITY: what is killed of a password is not kept
}

// key does what a key means; false when it means nothing here.
func (e *edit) key(ev *tcell.EventKey) bool {
	if ev.Key() == tcell.KeyRune {
		if ev.Modifiers()&tcell.ModAlt != 0 {
			return e.alt(ev.Rune())
		}
		e.insert(string(ev.Rune()))
		return true
	}
	if ev.Modifiers()&(tcell.ModAlt|tcell.ModCtrl) != 0 {
		switch ev.Key() {
		case tcell.KeyLeft:
			e.pos = e.wordLeft()
			return true
		case tcell.KeyRight:
			e.pos = e.wordRight()
			return true
		case tcell.KeyBackspace, tcell.KeyBackspace2:
			if ev.Modifiers()&tcell.ModAlt != 0 {
				e.cut(e.wordLeft(), e.pos)
				return true
			}
		}
	}
	switch ev.Key() {
	case tcell.KeyLeft, tcell.KeyCtrlB:
		e.pos = e.left()
	case tcell.KeyRight, tcell.KeyCtrlF:
		e.pos = e.right()
	case tcell.KeyHome, tcell.KeyCtrlA:
		e.pos = 0
	case tcell.KeyEnd, tcell.KeyCtrlE:
		e.pos = len(e.text)
	case tcell.KeyBackspace, tcell.KeyBackspace2:
		e.remove(e.left(), e.pos)
	case tcell.KeyDelete, tcell.KeyCtrlD:
		e.remove(e.pos, e.right())
	case tcell.KeyCtrlK:
		e.cut(e.pos, len(e.text))
	case tcell.KeyCtrlU:
		e.cut(0, e.pos)
	case tcell.KeyCtrlW:
		e.cut(e.blankLeft(), e.pos)
	case tcell.KeyCtrlT:
		e.transpose()
	case tcell.KeyCtrlY:
		e.insert(e.killed)
	default:
		return false
	}
	return true
}

func (e *edit) alt(r rune) bool {
	switch r {
	case 'b':
		e.pos = e.wordLeft()
	case 'f':
		e.pos = e.wordRight()
	case 'd':
		e.cut(e.pos, e.wordRight())
	default:
		return false
	}
	return true
}

// set makes it another line, with the cursor at pos.
func (e *edit) set(text string, pos int) { e.text, e.pos = text, min(max(pos, 0), len(text)) }

// insert puts text in at the cursor. What cannot be seen does not come in:
// line ends that were pasted are blanks.
func (e *edit) insert(text string) {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r == utf8.RuneError || r == '\u200d' || r == '\u200c':
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, text)
	if len(e.text)+len(text) > maxTyped {
		return
	}
	e.text = e.text[:e.pos] + text + e.text[e.pos:]
	e.pos += len(text)
}

func (e *edit) remove(from, to int) {
	e.text, e.pos = e.text[:from]+e.text[to:], from
}

// cut removes text and keeps it for ^Y.
func (e *edit) cut(from, to int) {
	if !e.secret && from < to {
		e.killed = e.text[from:to]
	}
	e.remove(from, to)
}

// transpose changes the places of the two characters around the cursor.
func (e *edit) transpose() {
	if e.pos == len(e.text) {
		e.pos = e.left()
	}
	from, to := e.left(), e.right()
	if from == e.pos || to == e.pos {
		return
	}
	e.text = e.text[:from] + e.text[e.pos:to] + e.text[from:e.pos] + e.text[to:]
	e.pos = to
}

func (e *edit) left() int {
	at, state := 0, -1
	for rest := e.text[:e.pos]; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if rest == "" {
			return at
		}
		at += len(cluster)
	}
	return 0
}

func (e *edit) right() int {
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(e.text[e.pos:], -1)
	return e.pos + len(cluster)
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// wordLeft is the beginning of the word before the cursor.
func (e *edit) wordLeft() int {
	head := strings.TrimRightFunc(e.text[:e.pos], func(r rune) bool { return !inWord(r) })
	return len(strings.TrimRightFunc(head, inWord))
}

// wordRight is the end of the word behind the cursor.
func (e *edit) wordRight() int {
	tail := strings.TrimLeftFunc(e.text[e.pos:], func(r rune) bool { return !inWord(r) })
	return len(e.text) - len(strings.TrimLeftFunc(tail, inWord))
}

// blankLeft is the beginning of what stands before the cursor up to a blank.
func (e *edit) blankLeft() int {
	head := strings.TrimRight(e.text[:e.pos], " ")
	return strings.LastIndexByte(head, ' ') + 1
}
