package script

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"ferry/proto/list"
)

// printRows writes a table: with tabs for programs, in columns for people. The
// last column is wrapped where it is too wide for the terminal.
func (st *State) printRows(rows [][]string) error {
	if st.cfg.Show == nil || st.cfg.Width == nil {
		for _, row := range rows {
			if err := st.print(row...); err != nil {
				return err
			}
		}
		return nil
	}
	_, err := io.WriteString(st.Out, aligned(rows, st.cfg.Width()))
	return err
}

// counted is a number of things.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// aligned is a table in columns. What is wider than most goes over the edge of
// its column rather than pushing all others aside.
func aligned(rows [][]string, columns int) string {
	widths := make([]int, 0, 8)
	for _, row := range rows {
		for i, text := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = min(max(widths[i], runewidth.StringWidth(list.Printable(text))), maxColumn)
		}
	}
	var b strings.Builder
	for _, row := range rows {
		at := 0
		for i, text := range row {
			text = list.Printable(text)
			if i == len(row)-1 {
				b.WriteString(folded(text, columns, at, at) + "\n")
				break
			}
			b.WriteString(runewidth.FillRight(text, widths[i]) + "  ")
			at += widths[i] + 2
		}
	}
	return b.String()
}

// fold wraps a line for people, where it is known how much room they have.
func (st *State) fold(line string) string {
	if st.cfg.Width == nil {
		return line
	}
	return folded(line, st.cfg.Width(), 0, len("ferry:"))
}

// hung wraps the lines of a text that are too long for so many columns. What
// stands in a second column stays in it.
func hung(text string, columns int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		words := strings.TrimLeft(line, " ")
		lead := len(line) - len(words)
		indent := lead
		if i := strings.Index(words, "  "); i > 0 {
			behind := strings.TrimLeft(words[i:], " ")
			indent = lead + runewidth.StringWidth(words[:len(words)-len(behind)])
		}
		if indent > columns/2 {
			indent = lead + 2
		}
		b.WriteString(line[:lead] + folded(words, columns, lead, indent) + "\n")
	}
	return b.String()
}

// folded cuts a text at blanks into lines that end before the last column. The
// first begins in column at, those behind it are indented.
func folded(text string, columns, at, indent int) string {
	room := max(columns-1-at, 20)
	if runewidth.StringWidth(text) <= room {
		return text
	}
	var lines []string
	for line, n := "", 0; text != ""; {
		var word string
		word, text, _ = strings.Cut(text, " ")
		w := runewidth.StringWidth(word)
		switch {
		case line == "":
			line, n = word, w
		case n+1+w > room:
			lines, line, n, room = append(lines, line), word, w, max(columns-1-indent, 20)
		default:
			line, n = line+" "+word, n+1+w
		}
		if text == "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n"+strings.Repeat(" ", indent))
}
