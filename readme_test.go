package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ferry/script"
)

// update writes what is generated instead of comparing it: go test . -update
var update = flag.Bool("update", false, "write generated texts")

// TestReadme holds README's lists against the tables that they are made of.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	want = between(t, want, "verbs", verbList())
	want = between(t, want, "shell", screenOf(t, "walk-listing")+screenOf(t, "walk-conflict")+screenOf(t, "walk-jobs"))
	want = between(t, want, "panes", screenOf(t, "panes-conflict"))
	want = between(t, want, "exit codes", "```\n"+script.ExitCodes()+"```\n")
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("README.md is not what the tables say; go test . -run Readme -update\n%s", diff)
	}
}

// screenOf is what a test has seen on a terminal.
func screenOf(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/screens/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("~~~~~~~~~~~~", "12:00:00.000", "~~~~~~~~", "12:00:00").Replace(string(b)) // what tests cover
	return "```\n" + text + "```\n"
}

func verbList() string {
	table := script.NewTable(script.Verbs())
	var b strings.Builder
	for _, group := range script.Groups() {
		var names []string
		for _, v := range table.Verbs() {
			if v.Group == group {
				names = append(names, "`"+v.Name+"`")
			}
		}
		fmt.Fprintf(&b, "- %s: %s\n", group, strings.Join(names, " "))
	}
	return b.String()
}

func between(t *testing.T, text, mark, content string) string {
	t.Helper()
	re := regexp.MustCompile(`(?s)(<!-- ` + mark + ` -->\n).*?(<!-- /` + mark + ` -->)`)
	if !re.MatchString(text) {
		t.Fatalf("README.md has no marks for %q", mark)
	}
	return re.ReplaceAllStringFunc(text, func(string) string {
		return "<!-- " + mark + " -->\n" + content + "<!-- /" + mark + " -->"
	})
}

// TestReadmeSession types README's first session and compares what it prints.
func TestReadmeSession(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, session, _ := strings.Cut(string(text), "```console\n")
	session, _, _ = strings.Cut(session, "```")
	root, local := t.TempDir(), t.TempDir()
	addr := ferryServe(t, root)
	writeFile(t, local+"/notes.txt", "ferry carries files: up, down, whole.\n")
	var got strings.Builder
	for line := range strings.Lines(session) {
		args, ok := strings.CutPrefix(line, "$ ferry ")
		if !ok || strings.HasPrefix(args, "serve") {
			continue
		}
		got.WriteString(line)
		words := strings.Fields(strings.ReplaceAll(strings.ReplaceAll(args, "anna@", "demo@"), "127.0.0.1:2121", addr))
		cmd := command(t, program, words...)
		cmd.Dir, cmd.Env = local, append(os.Environ(), "FERRY_PASSWORD=secret", "HOME="+local)
		got.WriteString(output(t, cmd))
	}
	when := regexp.MustCompile(`\t\d{4}-[-0-9T:]+Z\t`)
	_, want, _ := strings.Cut(session, "on the other machine: …\n")
	if diff := cmp.Diff(when.ReplaceAllString(want, "\tTIME\t"), when.ReplaceAllString(strings.ReplaceAll(got.String(), "as demo", "as anna"), "\tTIME\t")); diff != "" {
		t.Error(diff)
	}
}
