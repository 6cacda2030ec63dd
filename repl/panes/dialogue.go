package panes

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ferry/proto"
)

// dialogue is the pane of what client and server say to each other.
type dialogue struct {
	scroll
	screen *Screen
	times  times
	heard  map[int]int // how many lines of each session are kept
}

// times is what stands before each line.
type times int

const (
	clock   times = iota // 15:04:05.000
	elapsed              // seconds since the line before
	noTimes
	timesCount
)

func newDialogue(s *Screen) dialogue {
	d := dialogue{scroll: newScroll(0), screen: s, heard: map[int]int{}}
	d.lead, d.paint, d.dropped = s.dialogueLead, s.dialogueLine, s.unheard
	return d
}

// Trace shows a line that passed in a session, as proto.Trace gets it: with
// stars in the place of secrets. Sessions have numbers from 1.
func (s *Screen) Trace(session int, from proto.Direction, text string) {
	l := line{at: s.cfg.Now(), session: session, from: from, spans: []span{{text: printable(clipped(text, maxLine))}}}
	s.change(func() {
		s.dialogue.heard[session]++
		s.dialogue.add(l)
	})
}

// unheard is told of each line that is not kept any more.
func (s *Screen) unheard(l *line) {
	heard := s.dialogue.heard
	if heard[l.session]--; heard[l.session] == 0 {
		delete(heard, l.session)
	}
}

// dialogueLead is the time, the session where there are several, and an arrow.
func (s *Screen) dialogueLead(n int) []span {
	d := &s.dialogue
	l := d.line(n)
	arrow, style := s.glyphs.sent, s.palette.sent
	if l.from == proto.FromServer {
		arrow, style = s.glyphs.received, s.palette.received
	}
	lead := []span{{arrow + " ", style}}
	if len(d.heard) > 1 {
		lead = []span{{fmt.Sprintf("%-4s", fmt.Sprintf("#%d", l.session)), s.palette.bold}, lead[0]}
	}
	text := ""
	switch d.times {
	case clock:
		text = l.at.Format("15:04:05")
		if d.width >= 48 {
			text = l.at.Format("15:04:05.000")
		}
	case elapsed:
		text = "       "
		if n > d.first {
			text = fmt.Sprintf("%7s", seconds(l.at.Sub(d.line(n-1).at)))
		}
	default:
		return lead
	}
	return append([]span{{text + " ", s.palette.dim}}, lead...)
}

// seconds is a time in at most 7 columns.
func seconds(d time.Duration) string {
	switch s := max(d, 0).Seconds(); {
	case s < 100:
		return fmt.Sprintf("+%.3f", s)
	case s < 99_999:
		return fmt.Sprintf("+%.0fs", s)
	default:
		return "+>1d"
	}
}

func (s *Screen) dialogueLine(l line) []span {
	return []span{{l.spans[0].text, s.palette.dialogue(l.from, l.spans[0].text)}}
}

// transcript is lines as proto.TraceTo writes them: wiretest plays them.
func transcript(lines []*line) string {
	return written(lines, func(text string) string { return strings.ReplaceAll(text, `\`, `\\`) })
}

// written is lines as a text. Where they are of several sessions, comments
// tell whose follow.
func written(lines []*line, form func(string) string) string {
	several := slices.ContainsFunc(lines, func(l *line) bool { return l.session != lines[0].session })
	var b strings.Builder
	for i, l := range lines {
		if several && (i == 0 || l.session != lines[i-1].session) {
			fmt.Fprintf(&b, "# session %d\n", l.session)
		}
		b.WriteString(form(l.text()) + "\n")
	}
	return b.String()
}
