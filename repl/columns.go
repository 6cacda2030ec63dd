package repl

import (
	"fmt"
	"io"
	"strings"

	"ferry/proto"
)

// cell is a text in a column, and how it is coloured.
type cell struct {
	text  string
	color string
}

// gap is the room between two columns.
const gap = 2

// writeColumns writes cells in columns, down before across, as narrow as they
// can be in so many columns of the terminal.
func writeColumns(w io.Writer, cells []cell, columns int, c Color) error {
	if len(cells) == 0 {
		return nil
	}
	widths := layout(cells, columns)
	rows := (len(cells) + len(widths) - 1) / len(widths)
	var b strings.Builder
	for r := range rows {
		for i := r; i < len(cells); i += rows {
			b.WriteString(paint(c, cells[i].color, cells[i].text))
			if i+rows < len(cells) {
				b.WriteString(strings.Repeat(" ", widths[i/rows]+gap-width(cells[i].text)))
			}
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// layout are the widths of as many columns as fit.
func layout(cells []cell, columns int) []int {
	all, most := make([]int, len(cells)), 1
	for i := range cells {
		all[i] = width(cells[i].text)
		most = max(most, all[i])
	}
	// Between the number that fits for certain and the one that fits at best.
	for n := min(len(cells), columns/(1+gap)+1); n > max(columns/(most+gap), 1); n-- {
		if widths := widthsIn(all, n); total(widths) <= columns {
			return widths
		}
	}
	return widthsIn(all, min(max(columns/(most+gap), 1), len(cells)))
}

// widthsIn are the widths of n columns, or of fewer when rows fill up sooner.
func widthsIn(all []int, n int) []int {
	rows := (len(all) + n - 1) / n
	widths := make([]int, (len(all)+rows-1)/rows)
	for i, w := range all {
		widths[i/rows] = max(widths[i/rows], w)
	}
	return widths
}

func total(widths []int) int {
	sum := gap * (len(widths) - 1)
	for _, w := range widths {
		sum += w
	}
	return sum
}

// writeMenu shows what Tab could mean.
func writeMenu(w io.Writer, m completion, columns int, c Color) {
	cells := make([]cell, len(m.Menu))
	for i, cand := range m.Menu {
		cells[i] = cell{text: cand.shown()}
		if cand.kind == proto.Directory {
			cells[i].color = directoryColor
		}
	}
	var b strings.Builder
	_ = writeColumns(&b, cells, columns, c)
	if m.More > 0 {
		fmt.Fprintln(&b, paint(c, dim, fmt.Sprintf("and %d more", m.More)))
	}
	_, _ = io.WriteString(w, b.String()) // at once: the line is redrawn behind each write
}
