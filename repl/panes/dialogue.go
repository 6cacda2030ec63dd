package panes

import (
	"fmt"
	"strings"
	"time"

	"ferry/proto"
)

// dialogue is the pane of what client and server say to each other.
type dialogue struct {
	scroll
	screen *Screen
	times  times
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
	d := dialogue{scroll: newScroll(0), screen: s}
	d.lead, d.paint = s.dialogueLead, s.dialogueLine
	return d
}

// Trace is proto.Trace's: it shows a line that passed. What it gets has stars
// in the place of secrets.
func (s *Screen) Trace(from proto.Direction, text string) {
	if len(text) > maxLine {
		text = text[:maxLine] + "…"
	}
	l := line{at: s.cfg.Now(), from: from, spans: []span{{text: printable(text)}}}
	s.change(func() { s.dialogue.add(l) })
}

// dialogueLead is the time and an arrow.
func (s *Screen) dialogueLead(n int) []span {
	d := &s.dialogue
	l := d.line(n)
	arrow, style := s.glyphs.sent, s.palette.sent
	if l.from == proto.FromServer {
		arrow, style = s.glyphs.received, s.palette.received
	}
	lead := []span{{arrow + " ", style}}
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
func transcript(lines []*line) []byte {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.ReplaceAll(l.text(), `\`, `\\`) + "\n")
	}
	return []byte(b.String())
}
