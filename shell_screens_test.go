//go:build unix

package main

import "testing"

// The moments of the shell that people see most, as a terminal shows them.

func TestScreenFirstRun(t *testing.T) {
	m := startTmux(t, 80, 24, t.TempDir(), "ferry shell")
	m.shows("ferry>")
	m.line("opne box", "did you mean")
	m.line("help keys", "the keys of vi")
	m.golden("first-run")
}

func TestScreenListing(t *testing.T) {
	remote := screenFiles(t, map[string]string{
		"notes.txt": "hello\n", "report.csv": "1;2\n", "grüße 日本語.txt": "x", "site/index.html": "<p>", "site/img/a.png": "",
		"e\u0301 combined.txt": "", "esc\x1b]0;title\a.txt": "",
	})
	m := startTmux(t, 80, 24, t.TempDir(), "ferry shell --sandbox "+remote+" ftp://anna:x@box")
	m.shows("anna@box:/ (plain)>")
	m.line("ls", "site/")
	m.line("dir", "Feb 29  2024")
	m.line("cd nowhere", "hint:")
	m.types("get gr")
	m.keys("Tab")
	m.shows(`get "grüße 日本語.txt"`)
	m.golden("listing")
}
