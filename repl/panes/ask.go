package panes

import (
	"context"
	"io"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// Question is what is asked below the responses.
type Question struct {
	Text    string
	Answers []string // buttons; none: any text is an answer
	Default bool     // Enter alone means the first of them
	ForAll  bool     // an answer may be for all that follow: " all" behind it
	Secret  bool     // what is typed is not shown
}

// asking is a question that stands.
type asking struct {
	Question
	edit
	chosen int // a button, -1 for none
	forAll bool
	given  chan answer
	places []rect // of the buttons; the last is for-all's
}

// Ask puts a question: ErrInterrupted for ^C, for ^D, and when ctx ends.
func (s *Screen) Ask(ctx context.Context, q Question) (string, error) {
	select { // one at a time: a person has one answer
	case s.one <- struct{}{}:
		defer func() { <-s.one }()
	case <-ctx.Done():
		return "", ErrInterrupted
	case <-s.closed:
		return "", io.EOF
	}
	q.Text = label(q.Text)
	a := &asking{Question: q, chosen: -1, given: make(chan answer, 1)}
	a.secret = q.Secret
	if q.Default && len(q.Answers) > 0 {
		a.chosen = 0
	}
	var before pane
	s.change(func() {
		before, s.focus = s.focus, responsesPane
		s.asking, s.message, s.entry, s.help = a, "", nil, nil
		s.responses.back = 0
	})
	var got answer
	select {
	case got = <-a.given:
	case <-ctx.Done():
		got.err = ErrInterrupted
	case <-s.closed:
		got.err = io.EOF
	}
	s.change(func() {
		if s.asking = nil; s.focus == responsesPane {
			s.focus = before
		}
		s.record(a, got)
	})
	return got.text, got.err
}

// record leaves the question and its answer behind in the responses.
//
// SECURITY: but no secret.
func (s *Screen) record(a *asking, got answer) {
	text := got.text
	switch {
	case got.err != nil:
		text = "^C"
	case a.Secret:
		text = "(not shown)"
	}
	s.responses.add(line{at: s.cfg.Now(), spans: []span{
		{printable(a.Text) + " ", s.palette.bold}, {printable(text), s.palette.normal},
	}})
}

// answer ends the question.
func (s *Screen) answer(got answer) {
	select {
	case s.asking.given <- got:
	default: // it has one
	}
}

// askKey is a key while a question stands.
func (s *Screen) askKey(ev *tcell.EventKey) {
	a := s.asking
	switch ev.Key() {
	case tcell.KeyEnter, tcell.KeyCtrlJ:
		s.answerTyped()
		return
	case tcell.KeyCtrlD:
		if a.text == "" {
			s.answer(answer{err: ErrInterrupted})
			return
		}
	}
	if len(a.Answers) == 0 || a.text != "" {
		a.edit.key(ev)
		return
	}
	switch {
	case ev.Key() == tcell.KeyRight || ev.Key() == tcell.KeyTab:
		a.chosen = (a.chosen + 1) % len(a.Answers)
	case ev.Key() == tcell.KeyLeft || ev.Key() == tcell.KeyBacktab:
		a.chosen = (max(a.chosen, 0) + len(a.Answers) - 1) % len(a.Answers)
	case ev.Key() == tcell.KeyRune && ev.Rune() == ' ' && a.ForAll:
		a.forAll = !a.forAll
	default:
		a.edit.key(ev)
	}
}

// answerTyped takes what was typed, else the button.
func (s *Screen) answerTyped() {
	a := s.asking
	text := a.text
	if strings.TrimSpace(text) == "" && !a.Secret && a.chosen >= 0 {
		text = a.Answers[a.chosen]
	}
	if a.forAll && strings.TrimSpace(text) != "" && !strings.Contains(strings.TrimSpace(text), " ") {
		text += " all"
	}
	s.answer(answer{text: text})
}

// press is a click on a button.
func (s *Screen) press(i int) {
	a := s.asking
	if i == len(a.Answers) {
		a.forAll = !a.forAll
		return
	}
	a.chosen = i
	a.set("", 0)
	s.answerTyped()
}

// askRows are a question and what is typed behind it, as rows.
func (s *Screen) askRows(width int) []row {
	a := s.asking
	text := printable(a.Text)
	if len(a.Answers) == 0 || a.text != "" {
		text += " "
	}
	spans := []span{{text, s.palette.bold}}
	if !a.Secret {
		spans = append(spans, span{a.text, s.palette.normal})
	}
	return wrap(cells(spans), width, 2)
}
