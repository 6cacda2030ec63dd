package wiretest

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"ferry/proto"
)

// Script is a dialogue.
type Script struct {
	Name  string
	steps []step
}

// step is one line of a script.
type step struct {
	line int             // in the file, from 1
	who  proto.Direction // 0 for ~ and @
	data bool            // on the data connection
	kind byte            // ':' '+' '>' '.' '!' '?' '~' '@'
	text string          // as written
	wait time.Duration   // of ~
}

// Load reads a script from a file.
func Load(t testing.TB, path string) Script {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(path, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Parse reads a script from text; name is for messages.
func Parse(name, text string) (Script, error) {
	s := Script{Name: name}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		st, err := parseStep(line)
		if err != nil {
			return s, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		st.line = i + 1
		s.steps = append(s.steps, st)
	}
	return s, nil
}

func parseStep(line string) (st step, err error) {
	bad := fmt.Errorf("not a step: %q", line)
	rest := line
	if strings.HasPrefix(rest, "D") {
		st.data, rest = true, rest[1:]
	}
	if len(rest) > 0 && (rest[0] == 'C' || rest[0] == 'S') {
		st.who, rest = proto.Direction(rest[0]), rest[1:]
	}
	kinds := "~@"
	switch {
	case st.data:
		kinds = ":+!"
	case st.who != 0:
		kinds = ":+>.!?"
	}
	if rest == "" || !strings.Contains(kinds, rest[:1]) || st.data && st.who == 0 {
		return st, bad
	}
	st.kind, rest = rest[0], rest[1:]
	if rest != "" && rest[0] != ' ' {
		return st, bad
	}
	st.text = strings.TrimPrefix(rest, " ")
	if st.kind == '~' {
		st.wait, err = time.ParseDuration(strings.TrimSpace(st.text))
	}
	if _, perr := parsePattern(st.text); perr != nil {
		return st, perr
	}
	return st, err
}
