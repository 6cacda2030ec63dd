//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// The moments of `ferry shell --panes` that people see most, as a terminal
// shows them.

// panes starts the full screen in a terminal of that size, logged in to a
// sandbox with these files. A shell shows how it ended.
func panes(t *testing.T, columns, rows int, files map[string]string, env ...string) *tmux {
	t.Helper()
	remote := screenFiles(t, files)
	m := startTmux(t, columns, rows, t.TempDir(), strings.Join(env, " ")+" ferry shell --panes --sandbox "+remote+" ftp://anna:x@box; echo left: $?; sleep 1000")
	m.hides(`\d\d:\d\d:\d\d(\.\d\d\d)?`)
	m.shows("logged in as anna")
	m.shows("257 ")
	m.keys("F3", "c", "F2") // what the server can do is another test's
	return m
}

func someFiles() map[string]string {
	return map[string]string{
		"notes.txt": "hello\n", "report.csv": "1;2\n", "grüße 日本語.txt": "x", "site/index.html": "<p>", "site/img/a.png": "",
		"e\u0301 combined.txt": "", "esc\x1b]0;title\a.txt": "", "rtl\u202etxt.exe": "",
	}
}

func TestScreenPanesBegin(t *testing.T) {
	m := startTmux(t, 80, 24, t.TempDir(), "ferry shell --panes; echo left: $?; stty -a | grep -o ' echo '; sleep 1000")
	m.shows("not connected")
	m.shows("^D leaves.")
	m.golden("panes-begin")
	m.keys("C-d")
	m.shows("left: 0\n echo")
	if screen := m.screen(); strings.Contains(screen, "Input") {
		t.Errorf("what was on the screen is not back:\n%s", screen)
	}
}

func TestScreenPanesListing(t *testing.T) {
	m := panes(t, 80, 24, someFiles())
	m.line("ls", "226 ")
	m.shows("notes.txt")
	m.golden("panes-listing")
}

func TestScreenPanesWide(t *testing.T) {
	m := panes(t, 200, 60, someFiles())
	m.line("ls -l", "notes.txt")
	m.line("cd nowhere", "hint:")
	m.line("cat notes.txt", "hello")
	m.golden("panes-wide")
	m.resize(80, 24) // and back: nothing is lost
	m.shows("hello")
	m.resize(200, 60)
	m.golden("panes-wide")
}

// A listing stands in as many columns as there is room for, also when the
// window gets another size after it was shown.
func TestScreenPanesListingIsLaidOutAgain(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{"april", "august", "december", "february", "january", "july", "june", "march", "may", "november", "october", "september"} {
		files[name+"-2024.csv"] = ""
	}
	m := panes(t, 80, 24, files)
	wide := "april-2024.csv     february-2024.csv  june-2024.csv   november-2024.csv"
	m.line("ls", wide)
	m.resize(46, 24)
	m.shows("april-2024.csv     june-2024.csv    ")
	m.lacks(wide)
	m.resize(80, 24)
	m.shows(wide)
}

func TestScreenPanesComplete(t *testing.T) {
	m := panes(t, 80, 24, someFiles())
	m.types("get ")
	m.keys("Tab")
	m.shows("report.csv")
	m.keys("Tab", "Tab", "Tab")
	m.golden("panes-menu")
	m.keys("Enter")
	m.shows(`(plain)> get "grüße 日本語.txt"`)
	m.lacks("report.csv")
}

// Terminals end the lines of what is pasted with one of two characters.
func TestScreenPanesPaste(t *testing.T) {
	m := panes(t, 80, 24, someFiles())
	m.types("\x1b[200~lpwd\necho one\recho two\r\nzz\x1b[201~")
	m.shows("│two ")
	m.shows("(plain)> echo one")
	m.shows("(plain)> zz")
}

// lacks waits until a text is gone.
func (m *tmux) lacks(text string) {
	m.t.Helper()
	m.until("no "+text, func(screen string) bool { return !strings.Contains(screen, text) })
}

func TestScreenPanesConflict(t *testing.T) {
	m := panes(t, 80, 24, someFiles())
	m.line("!echo no >notes.txt; touch -t 202402291200 notes.txt", "[Enter goes back to ferry]")
	m.keys("Enter")
	m.shows("3 Responses")
	m.keys("F3", "c")
	m.types("f-type=")
	m.keys("Enter", "F2")
	m.line("put notes.txt", "overwrite")
	m.keys("Space")
	m.golden("panes-conflict")
	m.types("ren")
	m.keys("Enter")
	m.shows("-> notes-1.txt")
}

func TestScreenPanesDelete(t *testing.T) {
	m := panes(t, 100, 30, someFiles())
	m.line("rm -r site", "[no]")
	m.golden("panes-delete")
	m.keys("C-c")
	m.shows("interrupted")
}

func TestScreenPanesDialogue(t *testing.T) {
	m := panes(t, 80, 24, someFiles())
	m.line("cd site", "250 ")
	m.line("cd ..", "site (plain)> cd ..")
	m.line("ls no*", "notes.txt")
	m.line("cd nowhere", "550 ")
	m.keys("F3")
	m.types("f-PWD -257")
	m.keys("Enter")
	m.types("/cwd")
	m.keys("Enter", "F5")
	m.shows("zoomed")
	m.golden("panes-dialogue")
	m.types("w")
	m.keys("C-u")
	m.types("said.txt")
	m.keys("Enter")
	m.shows("saved as said.txt")
	text, err := os.ReadFile(filepath.Join(m.root, "said.txt"))
	if err != nil || !strings.Contains(string(text), "C: CWD site\nS: 250 ") {
		t.Errorf("%v, %q", err, text)
	}
}

// The mouse as terminals report it: a click takes the focus, a double click on
// a title zooms, the wheel scrolls, what is dragged over is copied, a button is
// an answer.
func TestScreenPanesMouse(t *testing.T) {
	m := panes(t, 80, 24, someFiles())
	m.run("set", "-s", "set-clipboard", "on")
	m.line("ls -l", "notes.txt")
	m.click(40, 20)
	m.shows("┏━ 3 Responses")
	m.types("/read")
	m.keys("Escape", "Escape")
	m.click(40, 10)
	m.shows("┏━ 2 Dialogue")
	m.mouse(64, 40, 20, 'M')
	m.shows(" below ↓")
	m.mouse(65, 40, 20, 'M')
	m.lacks(" below ↓")
	m.types("/mlsd")
	m.keys("Enter")
	m.until("MLSD found", func(screen string) bool { return strings.Contains(screen, "/mlsd") })
	row := 1 + slices.IndexFunc(strings.Split(m.screen(), "\n"), func(row string) bool { return strings.Contains(row, "→ MLSD ") })
	m.mouse(0, 20, row, 'M')
	m.mouse(32, 20, row+1, 'M')
	m.mouse(0, 20, row+1, 'm')
	m.shows("2 selected")
	m.types("y")
	m.shows("2 lines copied")
	if text := m.run("show-buffer"); !strings.Contains(text, "C: MLSD\nS: 150 ") {
		t.Errorf("copied: %q", text)
	}
	m.types(strings.Repeat("\x1b[<0;5;8M\x1b[<0;5;8m", 2)) // at once: it is a double click
	m.shows("zoomed")
	m.lacks("3 Responses")
	m.keys("F5", "F2")
	m.line("rm notes.txt", "[no]")
	m.until("the button is clicked", func(screen string) bool {
		for y, row := range strings.Split(screen, "\n") {
			if before, _, ok := strings.Cut(row, " yes "); ok {
				m.click(len([]rune(before))+2, y+1)
			}
		}
		return strings.Contains(screen, "DELE notes.txt")
	})
}

// mouse sends what a terminal reports of its mouse: column and row from 1, M
// for down and m for up.
func (m *tmux) mouse(button, column, row int, what rune) {
	m.t.Helper()
	m.types(fmt.Sprintf("\x1b[<%d;%d;%d%c", button, column, row, what))
}

func (m *tmux) click(column, row int) {
	m.t.Helper()
	m.mouse(0, column, row, 'M')
	m.mouse(0, column, row, 'm')
}

// A window may be of any size while a question stands and while a listing
// comes: even of one letter.
func TestScreenPanesInTinyWindows(t *testing.T) {
	m := panes(t, 80, 24, someFiles())
	m.line("put "+program+" notes.txt", "for all")
	m.resize(20, 5)
	m.shows("overwrite")
	m.keys("Right", "Right")
	m.shows("[skip]")
	m.resize(1, 1)
	m.lacks("skip")
	m.resize(80, 24)
	m.shows("[skip]")
	m.keys("Enter")
	m.lacks("for all")
	m.types("ls -R")
	m.keys("Enter")
	for _, size := range [][2]int{{1, 5}, {20, 5}, {5, 1}, {200, 60}, {80, 24}} {
		m.resize(size[0], size[1])
	}
	m.shows("index.html")
	m.line("pwd", "│/ ")
}

func TestScreenPanesHelp(t *testing.T) {
	m := panes(t, 80, 36, someFiles())
	m.keys("F1")
	m.shows("Keys")
	m.golden("panes-help")
	m.keys("F1")
	m.lacks("Keys")
}

func TestScreenPanesPassword(t *testing.T) {
	url, _ := throttled(t)
	m := startTmux(t, 120, 30, t.TempDir(), "ferry shell --panes "+url+"; echo left: $?; sleep 1000")
	m.hides(`\d\d:\d\d:\d\d(\.\d\d\d)?`)
	m.shows("Password for anna")
	m.types("a secret that")
	m.golden("panes-password")
	m.keys("C-u")
	m.line("geheim", "logged in")
	m.keys("F3")
	m.line("fC: pass", "PASS ****")
	if screen := m.screen(); strings.Contains(screen, "geheim") || strings.Contains(screen, "secret") {
		t.Errorf("a password:\n%s", screen)
	}
}

// ^C in the middle of a transfer says ABOR, and the connection stays.
func TestScreenPanesProgress(t *testing.T) {
	url, _ := throttled(t)
	m := startTmux(t, 100, 30, t.TempDir(), "ferry shell --panes "+url+"; echo left: $?; sleep 1000")
	m.hides(`\d\d:\d\d:\d\d(\.\d\d\d)?`)
	m.hides(`\|\|\|\d+\|`)
	m.hides(`[█▏▎▍▌▋▊▉░]+ +\d+%[^┃│]*`)
	m.shows("Password for anna")
	m.line("geheim", "logged in")
	m.keys("F3")
	m.types("f-type=")
	m.keys("Enter", "F2")
	m.line("set segments 1", "(plain)> set segments 1") // on a busy machine another session would come before the picture
	m.line("get big.bin", "big.bin                ~~~~")
	m.golden("panes-progress")
	m.keys("C-c")
	m.shows("interrupted")
	m.shows("ABOR")
	m.shows("257 ")
}

func TestScreenPanesCertificate(t *testing.T) {
	address := ferryServe(t, screenFiles(t, someFiles()))
	m := startTmux(t, 120, 30, t.TempDir(), "ferry shell --panes ftpes://demo@"+address+"; sleep 1000")
	m.hides(`\d\d:\d\d:\d\d(\.\d\d\d)?`)
	m.hides(`\d{4}-\d\d-\d\d`)
	m.hides(`[0-9a-f]{64}`)
	m.hides(`┃(subject|for|issuer)  .*`) // the machine's name
	m.shows("trust it?")
	m.golden("panes-certificate")
	m.types("y")
	m.keys("Enter")
	m.shows("Password for demo")
	m.line("secret", "logged in")
	m.shows("127.0.0.1 (TLS")
}

// A server that dies in the middle of a transfer: the prompt comes back and
// says so.
func TestScreenPanesServerDies(t *testing.T) {
	dir := screenFiles(t, map[string]string{"big.bin": strings.Repeat("x", 20<<20)})
	address, pid := ferryProcess(t, localhost, dir, "--users", slowUsers(t), "--tls", "off")
	m := startTmux(t, 100, 30, t.TempDir(), "ferry shell --panes ftp://anna@"+address+"; sleep 1000")
	m.shows("Password for anna")
	m.line("geheim", "logged in")
	m.line("get big.bin", "% ")
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	m.shows("again (^C stops)")
	m.keys("C-c")
	m.shows("ferry: get: ")
	m.line("lpwd", m.root)
}

// Jobs have bars too, and ^D asks as long as there are jobs.
func TestScreenPanesJobs(t *testing.T) {
	url, _ := throttled(t)
	m := startTmux(t, 100, 30, t.TempDir(), "ferry shell --panes "+url+"; echo left: $?; sleep 1000")
	m.hides(`\d\d:\d\d:\d\d(\.\d\d\d)?`)
	m.hides(`[█▏▎▍▌▋▊▉░]+ +\d+%[^┃│]*`)
	m.shows("Password for anna")
	m.line("geheim", "logged in")
	m.line("get big.bin &", "[1] get big.bin        ~~~")
	m.shows("[1] logged in")
	m.types("cls") // two lines stand there, in any order
	m.keys("Enter")
	m.lacks("[1] logged in")
	m.keys("F3")
	m.types("f#2 retr")
	m.keys("Enter")
	m.shows("#2  → RETR big.bin")
	m.types("f")
	m.keys("C-u")
	m.types("nothing")
	m.keys("Enter", "F2")
	m.keys("C-d")
	m.shows("end them?")
	m.golden("panes-jobs")
	m.types("y")
	m.keys("Enter")
	m.shows("left: 0")
}

func TestScreenPanesNoColorNoUnicode(t *testing.T) {
	m := panes(t, 80, 24, someFiles(), "NO_COLOR=1", "LC_ALL=C")
	m.line("ls", "notes.txt")
	m.golden("panes-ascii")
	if colors := m.run("capture-pane", "-p", "-e"); regexp.MustCompile(`\x1b\[[0-9;]*(3|4|9|10)[0-7]m`).MatchString(colors) {
		t.Errorf("colours: %q", colors)
	}
}

// throttled is a server that sends 200 KB a second, and its URL.
func throttled(t *testing.T) (url, dir string) {
	t.Helper()
	dir = screenFiles(t, map[string]string{"big.bin": strings.Repeat("x", 20<<20), "notes.txt": "hello\n"})
	return "ftp://anna@" + ferryServe(t, dir, "--users", slowUsers(t), "--tls", "off"), dir
}

// slowUsers is a file of users with anna in it, whose password is geheim.
func slowUsers(t *testing.T) string {
	t.Helper()
	users := filepath.Join(t.TempDir(), "users.json")
	add := exec.Command(program, "users", "add", "--file", users, "--down", "200K", "anna")
	add.Env = append(os.Environ(), "FERRY_PASSWORD=geheim")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return users
}
