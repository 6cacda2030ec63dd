//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is kept in one shell is so in the next one; aliases complete and run.
func TestShellKeepsSettingsAndAliases(t *testing.T) {
	state := t.TempDir()
	s := shell(t, nil, withState(state))
	s.expect("ferry> ")
	s.line("set -k bell on")
	s.line("alias -k say echo well,")
	s.send("say done\r")
	s.expect("well, done\n")
	if b, err := os.ReadFile(filepath.Join(state, ".config", "ferry", "config")); err != nil || string(b) != "set bell on\nalias say echo well,\n" {
		t.Errorf("%v, %q", err, b)
	}
	s = shell(t, nil, withState(state))
	s.expect("ferry> ")
	if got := s.line("set bell"); !strings.HasPrefix(got, "on\n") {
		t.Errorf("bell is %q", got)
	}
	s.send("sa\tdone\r")
	s.expect("well, done\n")
	s.send("help ke\t\r")
	s.expect("^R searches them")
	s = shell(t, []string{"--no-config"}, withState(state))
	s.expect("ferry> ")
	if got := s.line("set bell"); !strings.HasPrefix(got, "off\n") {
		t.Errorf("without the file bell is %q", got)
	}
}

// Settings are listed with value, default and meaning, and fit on the screen.
func TestShellListsSettings(t *testing.T) {
	s := shell(t, []string{"--no-state"})
	s.expect("ferry> ")
	s.line("set existing skip")
	got := s.line("set")
	for _, want := range []string{"SETTING ", "existing          skip", "ask ", "what to do when the target's name exists"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	for line := range strings.Lines(got) {
		if len(line) > screenWidth {
			t.Errorf("a line is too long: %s", line)
		}
	}
}

// The dialogue has a colour for each direction, and no secret.
func TestShellDebugColours(t *testing.T) {
	s, _ := sandboxShell(t, nil)
	s.line("debug on")
	s.line("pwd")
	s.line("user anna canary")
	raw := s.raw()
	for _, want := range []string{"\x1b[36mC: PWD\x1b[0m", "\x1b[32mS: 257 ", "\x1b[36mC: PASS ****\x1b[0m"} {
		if !strings.Contains(raw, want) {
			t.Errorf("%q is missing in %q", want, raw)
		}
	}
	if strings.Contains(raw, "PASS canary") {
		t.Error("the password is shown")
	}
}
