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
	heads := []string{"server", sc.unit + " (least–most)"}
	if sc.per != "" {
		heads = append(heads, "CPU, "+sc.per)
	}
	heads = append(append(heads, sc.more...), "to the best peer")
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

func (sc scenario) cells(r row, best float64) []string {
	var all []float64
	for _, s := range r.samples {
		all = append(all, s.value)
	}
	mid := r.median(value)
	cells := []string{r.server, fmt.Sprintf("%s (%s–%s)", short(mid), short(slices.Min(all)), short(slices.Max(all)))}
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
	return append(cells, fmt.Sprintf("%.2f ×", mid/best))
}

// best is what the best server reached that is neither ferry nor the floor.
func (sc scenario) best(rows []row) float64 {
	best := 0.0
	for _, r := range rows {
		if !r.ok() || r.server == "ferry" || r.server == "floor" {
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
