//go:build unix

package main

import (
	"regexp"
	"strings"
	"testing"
)

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

// walk is the walk-through that README shows: one shell, from the first look
// to a job, in a terminal of 80 columns.
func TestScreenWalk(t *testing.T) {
	remote := screenFiles(t, map[string]string{
		"notes.txt": "milk\nbread\n", "report-20.csv": "1;2\n", "report-21.csv": "3;4\n", "report-22.csv": "5;6;7\n", "site/index.html": "<p>", "site/img/a.png": "",
	})
	local := screenFiles(t, map[string]string{"notes.txt": "milk\nbutter\n"})
	m := startTmux(t, 80, 24, local, "ferry shell --sandbox "+remote+" ftp://anna:x@ftp.example.com")
	m.shows("anna@ftp.example.com:/ (plain)>")
	m.line("ls", "site/")
	m.line("dir *.csv", "report-22.csv")
	m.types("get rep")
	m.keys("Tab")
	m.shows("get report-2")
	m.keys("Tab")
	m.shows("report-20.csv  report-21.csv")
	m.types("2")
	m.keys("Tab", "Enter")
	m.shows("report-22.csv -> report-22.csv (6 bytes)")
	m.golden("walk-listing")

	m.obeys("cls")
	m.line("get notes.txt", "(all)?")
	m.line("diff", "+bread")
	m.line("rename", "new name [notes-1.txt]:")
	m.keys("Enter")
	m.shows("notes.txt -> notes-1.txt (11 bytes)")
	m.golden("walk-conflict")

	m.obeys("cls")
	m.line("get -r site &", "[1] done: get -r site")
	m.obeys("bookmark add example")
	m.line("rm -r site", "(no/yes) [no]")
	m.line("n", "(plain)>")
	m.golden("walk-jobs")
	m.types("get rep")
	m.shows("get report-22.csv") // the dim rest of the newest line that began so
}

func TestScreenTransfer(t *testing.T) {
	url, _ := throttled(t)
	m := startTmux(t, 80, 24, t.TempDir(), "ferry shell "+url)
	m.hides(`\[[=>-]+\] +\d+% +[0-9.]+[KM]? +[0-9.]+[KM]?/s +[0-9:]+`)
	m.hides(`127.0.0.1:\d+`)
	m.shows("Password for anna")
	m.line("geheim", "logged in")
	m.obeys("cls") // a busy machine says that it is one
	m.line("get big.bin", "big.bin                   ~~~~")
	m.golden("transfer")
	m.keys("C-c")
	m.until("the prompt without a bar", func(screen string) bool {
		return strings.HasSuffix(screen, "get big.bin\nferry: get: interrupted\nanna@127.0.0.1:/ (plain)>\n")
	})
	m.line("lls -a", ".ferry-big.bin.part")
}

// Several files move at once, each with its bar, and all with one.
func TestScreenSeveralBars(t *testing.T) {
	dir := screenFiles(t, map[string]string{
		"jan.tar": strings.Repeat("x", 20<<20), "feb.tar": strings.Repeat("x", 20<<20), "mar.tar": strings.Repeat("x", 20<<20), "notes.txt": "hello\n",
	})
	url := "ftp://anna@" + ferryServe(t, dir, "--users", slowUsers(t), "--tls", "off")
	m := startTmux(t, 80, 24, t.TempDir(), "ferry shell "+url)
	m.hides(`\[[=>-]+\] +\d+% +[0-9.]+[KM]? +[0-9.]+[KM]?/s +[0-9:]+`)
	m.shows("Password for anna")
	m.line("geheim", "logged in")
	m.obeys("cls")
	m.line("get notes.txt", "notes.txt -> notes.txt (6 bytes)")
	m.line("set parallel 2", "(plain)> set parallel 2\n")
	m.line("get *.tar", "jan.tar                   ~~~~")
	m.golden("bars")
	m.resize(50, 24)
	m.until("bars of 50 columns", func(screen string) bool {
		return regexp.MustCompile(`get \*\.tar\nfeb.tar +~+\njan.tar +~+\n0 of 3 fil… +~+\n$`).MatchString(screen)
	})
	m.keys("C-c")
	m.until("the prompt without bars", func(screen string) bool {
		return !strings.Contains(screen, "~~~~") && strings.HasSuffix(screen, "(plain)>\n")
	})
	m.line("lls -a", ".ferry-feb.tar.part")
}

func TestScreenDialogue(t *testing.T) {
	remote := screenFiles(t, map[string]string{"notes.txt": "hello\n"})
	m := startTmux(t, 80, 24, t.TempDir(), "ferry shell --sandbox "+remote)
	m.hides(`\|\|\|\d+\|`)
	m.shows("ferry>")
	m.obeys("debug on")
	m.obeys("open ftp://anna:geheim@box")
	m.obeys("cls")
	m.line("user bert geheim", "logged in as bert")
	m.obeys("cls")
	m.line("cd nowhere", "hint:")
	m.line("size notes.txt", "213 6")
	m.golden("dialogue")
}

func TestScreenComforts(t *testing.T) {
	remote := screenFiles(t, map[string]string{"a/b/c.txt": "", "a/d.txt": "", "notes.txt": ""})
	m := startTmux(t, 80, 24, t.TempDir(), "ferry shell --sandbox "+remote+" ftp://anna:x@box")
	m.shows("anna@box:/ (plain)>")
	m.line("tree", "2 directories, 3 files")
	m.obeys("alias -k ll ls -l")
	m.obeys("set existing newer")
	m.line("help alias", "for example")
	m.golden("comforts")
}

// A line that is longer than the screen, in a window that is made smaller.
func TestScreenLongLine(t *testing.T) {
	m := startTmux(t, 60, 12, t.TempDir(), "ferry shell --no-state")
	m.shows("ferry>")
	m.types("echo 日本語 e\u0301 " + "abcdefghij klmnopqrst uvwxyz 0123456789 abcdefghij klmnopqrst uvwxyz 0123456789")
	m.shows("0123456789\n")
	m.keys("C-a", "Right", "Right", "Right", "Right")
	m.types(" -")
	m.golden("long-line")
	m.resize(40, 12)
	m.keys("C-e", "Enter")
	m.shows("ferry>\n")
	m.line("echo well", "\nwell\n")
}

// What a server says never drives the terminal.
func TestScreenHostileServer(t *testing.T) {
	f := &faulty{listing: "type=file;size=1; red\x1b[31m.txt\r\ntype=file;size=1; rtl\u202egpj.exe\r\ntype=file;size=1; bad\xff\xfe.txt\r\ntype=file;size=1; bell\a\r\n" +
		"type=file;size=1; " + strings.Repeat("long", 30) + "\r\n"}
	host, port := newFaulty(t, f)
	m := startTmux(t, 80, 24, t.TempDir(), "ferry shell --no-state ftp://anna:x@"+host+":"+port)
	m.hides(`127.0.0.1:\d+`)
	m.shows("(plain)>")
	m.line("ls", "longlong")
	m.line("quote \x16\x1b]0;owned\x16\a", "not a verb")
	m.golden("hostile")
}

// What one shell has run is found by ^R and the arrow up in another, whose
// prompt stood there already.
func TestScreenHistoryIsShared(t *testing.T) {
	state := t.TempDir()
	for _, panes := range []string{"", " --panes"} {
		one := startTmux(t, 80, 24, t.TempDir(), "XDG_STATE_HOME="+state+" ferry shell"+panes)
		other := startTmux(t, 80, 24, t.TempDir(), "XDG_STATE_HOME="+state+" ferry shell")
		one.shows("ferry>")
		other.shows("ferry>")
		other.line("echo from the other", "\nfrom the other\n")
		one.keys("C-r")
		one.types("the oth")
		one.shows(" echo from the other")
		one.keys("C-c")
		other.line("echo once more", "\nonce more\n")
		one.keys("Up")
		one.shows("ferry> echo once more")
	}
}

// Who waits for a job sees how far it is.
func TestScreenForeground(t *testing.T) {
	url, _ := throttled(t)
	m := startTmux(t, 80, 24, t.TempDir(), "ferry shell "+url)
	m.hides(`\[[=>-]+\] +\d+% +[0-9.]+[KM]? +[0-9.]+[KM]?/s +[0-9:]+`)
	m.shows("Password for anna")
	m.line("geheim", "logged in")
	m.line("get big.bin &", "[1] logged in")
	m.line("fg 1", "big.bin                   ~~~~")
	m.keys("C-c")
	m.until("the prompt without a bar", func(screen string) bool {
		return !strings.Contains(screen, "~~~~") && strings.Contains(screen, "ferry: fg: interrupted\n") && strings.HasSuffix(screen, "(plain)>\n")
	})
}

// ^Z gives the terminal to the shell above, and fg goes on with the line that
// was half typed, in both kinds of screen.
func TestScreenStopAndGoOn(t *testing.T) {
	for _, panes := range []string{"", " --panes"} {
		m := startTmux(t, 80, 24, t.TempDir(), "PS1='above> ' sh -i")
		m.shows("above>")
		m.line("ferry shell --no-state"+panes, "ferry>")
		m.types("echo half")
		m.shows("ferry> echo half")
		m.keys("C-z")
		m.until("the shell above", func(screen string) bool { return strings.HasSuffix(screen, "above>\n") })
		m.line("clear; stty -a | grep -ow -e '-*icanon' -e '-*echo'", "icanon\necho\nabove>")
		m.types("fg")
		m.keys("Enter")
		m.shows("ferry> echo half")
		m.types("way")
		m.shows("ferry> echo halfway")
		m.keys("Enter")
		m.until("the line is run", func(screen string) bool { return strings.Count(screen, "halfway") == 2 })
	}
}
