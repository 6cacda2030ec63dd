//go:build linux

package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// curve is how ferry's cost grows with one quantity. Each point is a scenario of
// ferry alone.
func curve(name string) ([]scenario, error) {
	ferry := []string{"ferry"}
	var all []scenario
	switch name {
	case "sessions":
		for _, n := range []int{10, 100, 1000, 10_000} {
			all = append(all, scenario{name: fmt.Sprint(n), unit: "KiB each", more: idleNotes(), servers: ferry, grows: true, measure: idle(n)})
		}
	case "entries":
		for _, n := range []int{10, 100, 1000, 10_000, 100_000, million} {
			all = append(all, scenario{name: fmt.Sprint(n), unit: "s", more: []string{"first byte, ms", "memory growth, MiB"}, servers: ferry,
				prepare: directory(n), measure: listing("LIST", n)})
		}
	case "size":
		for size := int64(1 << 10); size <= 4*gib; size *= 4 {
			file := fmt.Sprintf("size-%d.bin", size)
			all = append(all, scenario{name: fmt.Sprint(size), unit: "MiB/s", per: "s/GiB", servers: ferry,
				prepare: func(dir string) error { return fill(filepath.Join(dir, file), size) },
				measure: func(t target, v security) (sample, error) { return downOf(t, v, file, size) }})
		}
	case "transfers":
		for _, n := range []int{1, 5, 20, 100, 500} {
			all = append(all, scenario{name: fmt.Sprint(n), unit: "MiB/s", per: "s/GiB", more: []string{"slowest/median"}, servers: ferry,
				prepare: crowdFile, measure: crowd(n)})
		}
	default:
		return nil, fmt.Errorf("no curve is called %s: sessions, entries, size or transfers", name)
	}
	return all, nil
}

// plot writes a curve as a table: a line a point.
func plot(w io.Writer, name string, all []result) {
	first := all[0].scenario
	heads := append([]string{name}, first.heads()...)
	fmt.Fprintf(w, "\n| %s |\n|%s\n", strings.Join(heads, " | "), strings.Repeat("---|", len(heads)))
	for _, r := range all {
		if one := r.rows[0]; one.ok() {
			fmt.Fprintf(w, "| %s | %s |\n", r.scenario.name, strings.Join(r.scenario.figures(one), " | "))
		} else {
			fmt.Fprintf(w, "| %s | %v |\n", r.scenario.name, one.err)
		}
	}
}
