package panes

import (
	"github.com/gdamore/tcell/v2"

	"ferry/proto"
)

// palette is how things look: in colours of the terminal's own sixteen, so
// that its user's theme holds, or without any.
type palette struct {
	normal, dim, bold       tcell.Style
	border, focused         tcell.Style // frames
	bar, key                tcell.Style // the line at the bottom, and keys in it
	chosen                  tcell.Style // of a menu, and what is selected
	found                   tcell.Style
	good, warn, bad         tcell.Style
	sent, received, failing tcell.Style // the dialogue: failing is 4xx
	refused                 tcell.Style // 5xx
	done, todo              tcell.Style // progress
}

func newPalette(colored bool) palette {
	n := tcell.StyleDefault
	p := palette{
		normal: n, dim: n.Dim(true), bold: n.Bold(true),
		border: n.Dim(true), focused: n.Bold(true),
		bar: n.Reverse(true), key: n.Reverse(true).Bold(true),
		chosen: n.Reverse(true), found: n.Underline(true).Bold(true),
		good: n.Bold(true), warn: n.Bold(true), bad: n.Bold(true),
		sent: n.Bold(true), received: n, failing: n.Underline(true), refused: n.Underline(true),
		done: n.Reverse(true), todo: n.Dim(true),
	}
	if !colored {
		return p
	}
	color := func(c tcell.Color) tcell.Style { return n.Foreground(c) }
	p.border, p.focused = color(tcell.ColorGray), color(tcell.ColorTeal).Bold(true)
	p.dim = color(tcell.ColorGray)
	p.bar = n.Background(tcell.ColorNavy).Foreground(tcell.ColorSilver)
	p.key = p.bar.Foreground(tcell.ColorWhite).Bold(true)
	p.chosen = n.Background(tcell.ColorTeal).Foreground(tcell.ColorBlack)
	p.found = n.Background(tcell.ColorOlive).Foreground(tcell.ColorBlack)
	p.good, p.warn, p.bad = color(tcell.ColorGreen), color(tcell.ColorOlive), color(tcell.ColorMaroon)
	p.sent, p.received = color(tcell.ColorTeal), color(tcell.ColorGreen)
	p.failing, p.refused = color(tcell.ColorOlive), color(tcell.ColorMaroon)
	p.done, p.todo = color(tcell.ColorGreen), color(tcell.ColorGray)
	return p
}

// dialogue is the colour of a line that passed.
func (p *palette) dialogue(from proto.Direction, text string) tcell.Style {
	switch {
	case from == proto.FromClient:
		return p.sent
	case text != "" && text[0] == '4':
		return p.failing
	case text != "" && text[0] == '5':
		return p.refused
	}
	return p.received
}

// glyphs are the signs of frames and bars: those of Unicode where the terminal
// has them.
type glyphs struct {
	plain, thick         [6]string // ─ │ ┌ ┐ └ ┘
	sent, received       string
	full                 string
	parts                []string // of a cell of a bar, less than full
	empty                string
	down, on, off, point string
	separator            string
}

func unicodeGlyphs() glyphs {
	return glyphs{
		plain: [6]string{"─", "│", "┌", "┐", "└", "┘"},
		thick: [6]string{"━", "┃", "┏", "┓", "┗", "┛"},
		sent:  "→", received: "←",
		full: "█", parts: []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}, empty: "░",
		down: "↓", on: "■", off: "□", point: "▸", separator: " · ",
	}
}

func asciiGlyphs() glyphs {
	return glyphs{
		plain: [6]string{"-", "|", "+", "+", "+", "+"},
		thick: [6]string{"=", "|", "+", "+", "+", "+"},
		sent:  ">", received: "<",
		full: "#", parts: []string{""}, empty: ".",
		down: "v", on: "[x]", off: "[ ]", point: ">", separator: " | ",
	}
}
