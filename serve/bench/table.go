//go:build linux

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// row is what one server reached.
type row struct {
	server  string
	samples []sample
	err     error
}

func (r row) ok() bool { return r.err == nil && len(r.samples) > 0 }

func (r row) median(of func(sample) float64) float64 {
	var all []float64
	for _, s := range r.samples {
		all = append(all, of(s))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func value(s sample) float64 { return s.value }

// print writes a scenario's table. The last column sets each server against
// the best of the others, ferry against the best peer.
func (sc scenario) print(w io.Writer, rows []row) {
	heads := append(append([]string{"server"}, sc.heads()...), "to the best peer")
	fmt.Fprintf(w, "\n### %s: %s\n\n| %s |\n|%s\n", sc.name, sc.about, strings.Join(heads, " | "), strings.Repeat("---|", len(heads)))
	best := sc.best(rows)
	for _, r := range rows {
		if !r.ok() {
			fmt.Fprintf(w, "| %s | %v |\n", r.server, r.err)
			continue
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(sc.cells(r, best), " | "))
	}
}

// heads are the columns of figures.
func (sc scenario) heads() []string {
	heads := []string{sc.unit + " (least–most)"}
	if sc.per != "" {
		heads = append(heads, "CPU, "+sc.per)
	}
	return append(heads, sc.more...)
}

func (sc scenario) cells(r row, best float64) []string {
	return append(append([]string{r.server}, sc.figures(r)...), fmt.Sprintf("%.2f ×", r.median(value)/best))
}

// figures are what stands below heads.
func (sc scenario) figures(r row) []string {
	var all []float64
	for _, s := range r.samples {
		all = append(all, s.value)
	}
	cells := []string{fmt.Sprintf("%s (%s–%s)", short(r.median(value)), short(slices.Min(all)), short(slices.Max(all)))}
	if sc.per != "" {
		unit := 1.0
		if strings.HasPrefix(sc.per, "µs") {
			unit = 1e6
		}
		cells = append(cells, short(r.median(func(s sample) float64 { return s.cpu.Seconds() * unit / s.work })))
	}
	for i := range sc.more {
		cells = append(cells, short(r.median(func(s sample) float64 { return s.notes[i] })))
	}
	return cells
}

// best is what the best server reached that is neither ferry nor the floor.
func (sc scenario) best(rows []row) float64 {
	best := 0.0
	for _, r := range rows {
		if !r.ok() || ours(r.server) || r.server == "floor" {
			continue
		}
		v := r.median(value)
		if best == 0 || (v < best) == sc.less {
			best = v
		}
	}
	return best
}

func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.3f", v)
	}
}

// summary writes one line a scenario: ferry, and the best of the others, as
// README shows it.
func summary(w io.Writer, all []result) {
	fmt.Fprint(w, "\n| | ferry | best of the others | ratio |\n|---|---|---|---|\n")
	for _, r := range all {
		if line, ok := r.line(); ok {
			fmt.Fprintln(w, line)
		}
	}
}

func (r result) line() (string, bool) {
	var ours, best *row
	for i := range r.rows {
		one := &r.rows[i]
		switch {
		case !one.ok() || one.server == "floor" || one.server == beside:
		case one.server == "ferry":
			ours = one
		case best == nil || (one.median(value) < best.median(value)) == r.scenario.less:
			best = one
		}
	}
	if ours == nil || best == nil {
		return "", false
	}
	mine, theirs := ours.median(value), best.median(value)
	return fmt.Sprintf("| %s | %s %s | %s %s | %.2f × |", r.scenario.about,
		short(mine), r.scenario.unit, short(theirs), best.server, mine/theirs), true
}
