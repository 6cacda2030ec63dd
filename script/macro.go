package script

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// macdef keeps lines under a name, for $ to run.
func macdef(_ context.Context, st *State, a Args) error {
	st.macros[a.Text(0)] = a.Lines
	return nil
}

// runMacro runs what macdef has kept. As in ftp(1), $1, $2, … are its
// arguments, and a macro with $i runs once for each of them. A value is one
// word here too: they are put in like ${1}.
func runMacro(ctx context.Context, st *State, a Args) error {
	body, ok := st.macros[a.Text(0)]
	if !ok {
		return &UnknownError{What: "macro", Name: a.Text(0), Hint: "macdef NAME makes one: lines up to an empty one"}
	}
	if st.depth == MaxCalls {
		return fmt.Errorf("macros call each other more than %d deep", MaxCalls)
	}
	st.depth++
	outer := st.vars
	defer func() { st.depth, st.vars = st.depth-1, outer }()
	st.vars = st.withArguments(a.Words[1:])
	lines, loops, err := st.macroLines(body)
	if err != nil {
		return err
	}
	for i := range a.Words[1:] {
		if !loops {
			break
		}
		st.vars["i"] = a.Words[1+i]
		if err := st.sequence(ctx, lines); err != nil {
			return err
		}
	}
	if loops {
		return nil
	}
	return st.sequence(ctx, lines)
}

// withArguments are the variables, ${1} and those behind it replaced.
func (st *State) withArguments(args []Word) map[string]Word {
	vars := map[string]Word{}
	for name, v := range st.vars {
		if _, err := strconv.Atoi(name); err != nil {
			vars[name] = v
		}
	}
	for i, w := range args {
		vars[strconv.Itoa(i+1)] = w
	}
	return vars
}

func (st *State) macroLines(body []string) (lines []Line, loops bool, err error) {
	for _, text := range body {
		text, loop := macroText(text)
		parsed, err := st.table.ParseLine(text)
		if err != nil {
			return nil, false, err
		}
		lines, loops = append(lines, parsed...), loops || loop
	}
	return lines, loops, nil
}

// macroText writes ftp(1)'s $1 and $i as ${1} and ${i}.
func macroText(text string) (out string, loops bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		b.WriteByte(text[i])
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] == '$' && i+1 < len(text):
			n := strings.IndexFunc(text[i+1:], func(r rune) bool { return r < '0' || r > '9' })
			if n < 0 {
				n = len(text) - i - 1
			}
			if n == 0 && text[i+1] == 'i' && (i+2 == len(text) || !alnum(text[i+2])) {
				n, loops = 1, true
			}
			if n > 0 {
				b.WriteString("{" + text[i+1:i+1+n] + "}")
				i += n
			}
		}
	}
	return b.String(), loops
}
