package script

import (
	"slices"
	"strings"
)

// writtenLine is a command as text, with the lines that belong to it.
func writtenLine(l Line) []string {
	lines := []string{l.Raw}
	async := ""
	if l.Async {
		async = " &"
	}
	switch {
	case len(l.Text) > 0: // macdef
		return slices.Concat(lines, l.Text, []string{""})
	case len(l.Body) == 0 && len(l.Else) == 0:
		return []string{l.Raw + async}
	case len(l.Body) == 1 && leadsOne(l):
		inner := writtenLine(l.Body[0])
		inner[0] = l.Raw + " " + inner[0]
		inner[len(inner)-1] += async
		return inner
	}
	for {
		lines = append(lines, indented(l.Body)...)
		if len(l.Else) == 1 && strings.HasPrefix(strings.ToLower(l.Else[0].Raw), "else") {
			l = l.Else[0]
			lines = append(lines, l.Raw)
			continue
		}
		if len(l.Else) > 0 {
			lines = append(append(lines, "else"), indented(l.Else)...)
		}
		return append(lines, "end"+async)
	}
}

// leadsOne reports whether a command stands before another one in its line.
func leadsOne(l Line) bool {
	return slices.Contains(words("retry timeout queue"), l.Verb)
}

func indented(body []Line) (lines []string) {
	for _, l := range body {
		for _, text := range writtenLine(l) {
			lines = append(lines, "  "+text)
		}
	}
	return lines
}

func quoted(ws []Word) (out []string) {
	for _, w := range ws {
		out = append(out, QuoteWord(w.Text, 0))
	}
	return out
}

func commented(lines []string) []string {
	for i := range lines {
		lines[i] = "# " + lines[i]
	}
	return lines
}
