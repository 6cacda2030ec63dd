package panes

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/uniseg"

	"ferry/proto/list"
)

// span is text in one style. It is printable: there is nothing in it that
// takes no room of its own.
type span struct {
	text  string
	style tcell.Style
}

// styled reads text with the colours of ECMA-48 (SGR) in it.
//
// SECURITY: of all that drives a terminal only colours are understood; the
// rest is shown as text. Nothing is ever written to the terminal as it came.
func styled(text string, base tcell.Style) (spans []span) {
	style := base
	for text != "" {
		plain, sequence, rest := cutColor(text)
		if plain != "" {
			spans = append(spans, span{printable(plain), style})
		}
		style, text = colored(style, base, sequence), rest
	}
	return spans
}

// cutColor cuts a text around its first colour.
func cutColor(text string) (before, sequence, after string) {
	for at := 0; ; {
		i := strings.Index(text[at:], "\x1b[")
		if i < 0 {
			return text, "", ""
		}
		i += at
		end := i + 2
		for end < len(text) && (text[end] == ';' || text[end] >= '0' && text[end] <= '9') {
			end++
		}
		if end < len(text) && text[end] == 'm' {
			return text[:i], text[i+2 : end], text[end+1:]
		}
		at = i + 2
	}
}

// printable is text with blanks for its tabs, and nothing that drives.
func printable(text string) string {
	return list.Printable(strings.ReplaceAll(text, "\t", "    "))
}

// colored is a style after an SGR sequence, such as "01;34".
func colored(style, base tcell.Style, sequence string) tcell.Style {
	if sequence == "" {
		return base
	}
	var codes []int
	for word := range strings.SplitSeq(sequence, ";") {
		n, _ := strconv.Atoi(word)
		codes = append(codes, n)
	}
	for i := 0; i < len(codes); i++ {
		switch n := codes[i]; {
		case n == 38 || n == 48:
			color, used := wideColor(codes[i+1:])
			if i += used; n == 38 {
				style = style.Foreground(color)
			} else {
				style = style.Background(color)
			}
		default:
			style = simple(style, base, n)
		}
	}
	return style
}

// simple is a code that stands for itself.
func simple(style, base tcell.Style, n int) tcell.Style {
	switch {
	case n == 0:
		return base
	case n == 1:
		return style.Bold(true)
	case n == 2:
		return style.Dim(true)
	case n == 3:
		return style.Italic(true)
	case n == 4:
		return style.Underline(true)
	case n == 7:
		return style.Reverse(true)
	case n == 22:
		return style.Bold(false).Dim(false)
	case n >= 30 && n <= 37:
		return style.Foreground(tcell.PaletteColor(n - 30))
	case n == 39:
		return style.Foreground(tcell.ColorDefault)
	case n >= 40 && n <= 47:
		return style.Background(tcell.PaletteColor(n - 40))
	case n == 49:
		return style.Background(tcell.ColorDefault)
	case n >= 90 && n <= 97:
		return style.Foreground(tcell.PaletteColor(n - 90 + 8))
	case n >= 100 && n <= 107:
		return style.Background(tcell.PaletteColor(n - 100 + 8))
	}
	return style
}

// wideColor is what stands behind 38 and 48: 5;N or 2;R;G;B.
func wideColor(codes []int) (color tcell.Color, used int) {
	switch {
	case len(codes) >= 2 && codes[0] == 5 && codes[1] < 256:
		return tcell.PaletteColor(codes[1]), 2
	case len(codes) >= 4 && codes[0] == 2:
		return tcell.NewRGBColor(int32(codes[1]&255), int32(codes[2]&255), int32(codes[3]&255)), 4
	}
	return tcell.ColorDefault, len(codes)
}

// plain is what spans say.
func plain(spans []span) string {
	if len(spans) == 1 {
		return spans[0].text
	}
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.text)
	}
	return b.String()
}

// cell is one character as it is seen: letters with their marks, one or two
// columns wide.
type cell struct {
	text  string
	wide  int
	style tcell.Style
}

func cells(spans []span) []cell { return slices.Collect(eachCell(spans)) }

// eachCell goes through spans cell by cell: who has no more room stops.
func eachCell(spans []span) iter.Seq[cell] {
	return func(yield func(cell) bool) {
		for _, s := range spans {
			text, state := s.text, -1
			for text != "" {
				var c cell
				c.text, text, c.wide, state = uniseg.FirstGraphemeClusterInString(text, state)
				c.style = s.style
				if c.wide > 0 && !yield(c) {
					return
				}
			}
		}
	}
}

// label is a text that stands, in its bound: a stranger's may have any length.
func label(text string) string { return clipped(text, maxLabel) }

// clipped is the beginning of a text that is longer than so many bytes, in
// whole characters.
func clipped(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	end := bytes
	for end > bytes-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// columns is how wide a printable text is.
func columns(text string) int { return uniseg.StringWidth(text) }

// row is what stands on one row of a pane.
type row struct {
	indent int
	cells  []cell
}

// wrap breaks a line into rows, at blanks where there are any. All but the
// first are indented. There is at least one row.
func wrap(all []cell, width, indent int) []row {
	width = max(width, 2)
	if indent > width/2 {
		indent = 0
	}
	var rows []row
	for r := (row{}); ; r.indent = indent {
		n, room := 0, width-r.indent
		for ; n < len(all) && all[n].wide <= room; n++ {
			room -= all[n].wide
		}
		if n == len(all) {
			r.cells = all
			return append(rows, r)
		}
		n = max(n, 1)
		cut, next := breakAt(all, n)
		r.cells, all = all[:cut], all[next:]
		rows = append(rows, r)
	}
}

// breakAt is where a row of at most n cells ends and the next one begins.
func breakAt(all []cell, n int) (end, next int) {
	for i := n; i > n/2; i-- {
		if all[i].text == " " {
			for next = i; next < len(all) && all[next].text == " "; next++ {
			}
			return i, next
		}
	}
	return n, n
}

// shorten is the beginning of a text in at most so many columns.
func shorten(text string, width int) string {
	var all []cell
	used := 0
	for c := range eachCell([]span{{text: text}}) {
		all, used = append(all, c), used+c.wide
		if used > width {
			break
		}
	}
	if used <= width {
		return text
	}
	if width <= 0 {
		return ""
	}
	for n := len(all) - 1; n >= 0 && used >= width; n-- {
		all, used = all[:n], used-all[n].wide
	}
	var b strings.Builder
	for _, c := range all {
		b.WriteString(c.text)
	}
	return b.String() + "…"
}
