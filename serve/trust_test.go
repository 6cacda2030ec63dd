package serve

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// threat is one row of testdata/threats.txt.
type threat struct {
	number, title string
	answer, fails string
	tests         []string
}

// TestTrust holds the table of attacks against the tests that there are, and
// the end of TRUST.md against the table.
func TestTrust(t *testing.T) {
	rows, tests := readThreats(t), findTests(t)
	for i, r := range rows {
		if want := fmt.Sprint("T", i+1); r.number != want {
			t.Errorf("%s stands where %s should", r.number, want)
		}
		if r.answer == "" || len(r.tests) == 0 {
			t.Errorf("%s has no answer or no test", r.number)
		}
		for _, test := range r.tests {
			if !tests.has(test) {
				t.Errorf("%s names %s, which is not there", r.number, test)
			}
		}
	}
	if len(rows) < 29 {
		t.Errorf("%d rows, want T1 to T29 and those that have come since", len(rows))
	}
	text, err := os.ReadFile("TRUST.md")
	if err != nil {
		t.Fatal(err)
	}
	const mark = "-run Trust -update. -->\n"
	prose, _, ok := strings.Cut(string(text), mark)
	if !ok || t.Failed() {
		t.Fatalf("TRUST.md has lost its mark: %q", mark)
	}
	want := prose + mark + threatTable(rows, tests)
	if *update {
		if err := os.WriteFile("TRUST.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, string(text)); d != "" {
		t.Errorf("TRUST.md is not what the table says; go test ./serve -run Trust -update\n%s", d)
	}
}

// readThreats reads the table. Whatever has not its form fails the test.
func readThreats(t *testing.T) (rows []threat) {
	t.Helper()
	f, err := os.Open("testdata/threats.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	head := regexp.MustCompile(`^(T\d+) (.+\.)$`)
	for in, n := bufio.NewScanner(f), 1; in.Scan(); n++ {
		line := in.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		if m := head.FindStringSubmatch(line); m != nil {
			rows = append(rows, threat{number: m[1], title: m[2]})
			continue
		}
		key, value, _ := strings.Cut(strings.TrimPrefix(line, "\t"), " ")
		if len(rows) == 0 || line[0] != '\t' || value == "" {
			t.Fatalf("testdata/threats.txt:%d: not a row: %q", n, line)
		}
		r := &rows[len(rows)-1]
		switch key {
		case "answer":
			r.answer = value
		case "fails":
			r.fails = value
		case "test":
			r.tests = append(r.tests, value)
		default:
			t.Fatalf("testdata/threats.txt:%d: no such field: %q", n, line)
		}
	}
	return rows
}

func threatTable(rows []threat, tests testIndex) string {
	var b strings.Builder
	b.WriteString("\n| | attack | ferry's answer | seen to work against | shown by |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.number, escape(r.title), escape(r.answer), escape(r.fails), shown(requirement{tests: r.tests}, tests))
	}
	return b.String()
}
