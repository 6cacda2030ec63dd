//go:build linux

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"ferry/serve/bench/peers"
)

// outcome is what the clients of a scenario have reached at one server.
type outcome struct {
	scenario scenario
	server   *peers.Server
	label    string // of the server, with its settings
	figures  []figures
	files    int
}

// summary writes the table of README: a line for each of ferry's rows, beside
// the best of the others in the same run.
func summary(w io.Writer, all []outcome) {
	fmt.Fprint(w, "\n| | ferry | best of the others | ratio |\n|---|---|---|---|\n")
	for _, o := range all {
		for _, line := range o.lines(all) {
			fmt.Fprintln(w, line)
		}
	}
}

func (o outcome) lines(all []outcome) (lines []string) {
	s := o.scenario
	best := o.best(func(f figure) time.Duration { return f.took })
	for i, c := range s.clients {
		f := o.figures[i]
		if !ours(c) || !f.whole() {
			continue
		}
		what := fmt.Sprintf("%s, %s%s", s.about, o.label, strings.TrimPrefix(c.name, "ferry"))
		switch {
		case s.way == look:
		case best < 0 && strings.Contains(s.name, "session"):
			lines = append(lines, fmt.Sprintf("| %s | %.2f round trips a file | | |", what, o.trips(f)))
		case best < 0:
			lines = append(lines, fmt.Sprintf("| %s | %s | | |", what, o.speed(f)))
		default:
			lines = append(lines, fmt.Sprintf("| %s | %s | %s, %s | %.2f × |", what, o.speed(f),
				s.clients[best].name, o.speed(o.figures[best]), o.took(o.figures[best])/o.took(f)))
		}
		if s.loopback() && !s.tree {
			lines = append(lines, o.costs(what, f))
		}
	}
	return append(lines, o.served(all)...)
}

// served compares ferry's server with itself, as a setting has it: the same
// client had both.
func (o outcome) served(all []outcome) (lines []string) {
	for _, other := range all {
		_, setting, ok := strings.Cut(other.label, " ")
		if !ok || other.scenario.name != o.scenario.name || o.label+" "+setting != other.label {
			continue
		}
		for i, c := range o.scenario.clients {
			if mine, theirs := o.figures[i], other.figures[i]; !ours(c) && mine.whole() && theirs.whole() {
				lines = append(lines, fmt.Sprintf("| %s | %s | ferry with %s, %s | %.2f × |", o.scenario.about,
					o.speed(mine), setting, o.speed(theirs), o.took(theirs)/o.took(mine)))
			}
		}
	}
	return lines
}

// costs are processor and memory beside those of the thriftiest of the others.
func (o outcome) costs(what string, f figures) string {
	cpu := func(f figure) time.Duration { return f.cpu }
	perGiB := func(f figures) float64 {
		return median(f.runs, cpu).Seconds() / float64(o.scenario.size) * float64(1<<30)
	}
	line := fmt.Sprintf("| %s: CPU, memory | %.2f s/GiB, %.1f MiB |", what, perGiB(f),
		float64(median(f.runs, func(f figure) int64 { return f.memory }))/float64(mib))
	best := o.best(cpu)
	if best < 0 {
		return line + " | |"
	}
	theirs := o.figures[best]
	return line + fmt.Sprintf(" %s, %.2f s/GiB | %.2f × |", o.scenario.clients[best].name, perGiB(theirs), perGiB(f)/perGiB(theirs))
}

// best is the index of the client of others that has the least of a quantity;
// -1 without one.
func (o outcome) best(of func(figure) time.Duration) int {
	at := -1
	for i, c := range o.scenario.clients {
		if ours(c) || strings.HasPrefix(c.name, "floor") || !o.figures[i].whole() {
			continue
		}
		if at < 0 || median(o.figures[i].runs, of) < median(o.figures[at].runs, of) {
			at = i
		}
	}
	return at
}

func ours(c client) bool { return strings.HasPrefix(c.name, "ferry") }

// whole reports whether every run went well.
func (f figures) whole() bool { return len(f.runs) > 0 && f.err == nil }

// took is a median, seconds.
func (o outcome) took(f figures) float64 {
	return median(f.runs, func(f figure) time.Duration { return f.took }).Seconds()
}

func (o outcome) speed(f figures) string {
	if o.scenario.tree {
		return fmt.Sprintf("%.1f files/s", float64(o.files)/o.took(f))
	}
	return fmt.Sprintf("%.1f MiB/s", float64(o.scenario.size)/float64(mib)/o.took(f))
}

func (o outcome) trips(f figures) float64 {
	return o.took(f) / (2 * o.scenario.over.Delay).Seconds() / float64(o.files)
}
