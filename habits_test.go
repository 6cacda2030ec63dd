package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Scripts as people have long written them for ftp(1), sftp -b, lftp and
// WinSCP, in script/testdata/habits. Each either runs as it is, or --check
// names the line and the way to say it here; those of other clients are
// translated, and the translation is a script without mistakes that runs.
func TestHabits(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("script", "testdata", "habits", "*.txt"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d scripts: %v", len(files), err)
	}
	for i := range files {
		if files[i], err = filepath.Abs(files[i]); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { habit(t, file) })
	}
}

func habit(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, given, _ := strings.Cut(string(text), "-- dialect --\n")
	given, want, _ := strings.Cut(given, "== check ==\n")
	dialect, rest, _ := strings.Cut(given, "\n")
	args, script, _ := strings.Cut(rest, "-- script --\n")
	h := newHabit(t, dialect, strings.Fields(strings.TrimPrefix(args, "-- args --\n")))
	got := "== check ==\n" + h.original(script)
	if dialect != "ftp" {
		got += h.translated(script)
	}
	if *update {
		all := head + "-- dialect --\n" + given + got
		if err := os.WriteFile(file, []byte(all), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff("== check ==\n"+want, got); diff != "" {
		t.Errorf("%s; go test . -run Habits -update\n%s", filepath.Base(file), diff)
	}
}

// habitRun is one script and its surroundings.
type habitRun struct {
	t       *testing.T
	dialect string
	args    []string
	dir     string
}

func newHabit(t *testing.T, dialect string, args []string) *habitRun {
	t.Setenv("FERRY_PASSWORD", "secret")
	return &habitRun{t: t, dialect: dialect, args: args}
}

// original is what --check says of the script, and what becomes of it when
// that finds no more than the secrets in it.
func (h *habitRun) original(script string) string {
	h.world()
	file := h.write("script", script)
	var open []string
	if h.dialect == "sftp" {
		open = []string{"--open", "ftp://anna@ftp.example.com"}
	}
	_, found := h.ferry(append(append([]string{"run", "--check"}, open...), append([]string{file}, h.args...)...)...)
	if real := strings.ReplaceAll(found, "a secret stands in the script", ""); strings.Contains(real, "ferry: script:") && strings.Count(found, "ferry: ") > strings.Count(found, "a secret stands") {
		return found
	}
	code, errs := h.ferry(append(append([]string{"run", "--no-state", "--quiet", "--sandbox", "../server"}, open...), append([]string{file}, h.args...)...)...)
	return found + "== run: " + fmt.Sprint(code) + " ==\n" + errs + h.changed()
}

// translated is the translation, and what becomes of that.
func (h *habitRun) translated(script string) string {
	h.world()
	file := h.write("script", script)
	text, notes := h.output("run", "--from", h.dialect, file)
	own := h.write("own", text)
	args := h.args
	if h.dialect == "sftp" {
		args = append([]string{"ftp://anna@ftp.example.com"}, args...)
	}
	if code, found := h.ferry(append([]string{"run", "--check", own}, args...)...); code != 0 && !strings.Contains(found, "nothing is open here") {
		h.t.Errorf("the translation has mistakes:\n%s\n%s", text, found)
	}
	result := "== translation ==\n" + text + notes
	if notes != "" {
		return result
	}
	code, errs := h.ferry(append([]string{"run", "--no-state", "--quiet", "--sandbox", "../server", own}, args...)...)
	return result + "== run: " + fmt.Sprint(code) + " ==\n" + errs + h.changed()
}

// world makes a server's tree and a local one, and goes there.
func (h *habitRun) world() {
	h.dir = h.t.TempDir()
	for _, name := range []string{"server/in/", "local/down/"} {
		if err := os.MkdirAll(filepath.Join(h.dir, name), 0o777); err != nil {
			h.t.Fatal(err)
		}
	}
	for name, content := range habitFiles() {
		h.write(name, content)
	}
	h.t.Chdir(filepath.Join(h.dir, "local"))
}

func habitFiles() map[string]string {
	return map[string]string{
		"server/pub/a.csv": "1,2\n", "server/pub/b.csv": "3,4\n", "server/pub/notes.txt": "hello\n",
		"server/out/order1.xml": "<a/>\n", "server/out/order2.xml": "<b/>\n",
		"server/www/index.html": "it was so\n", "server/www/stale.html": "gone\n",
		"server/big.iso":   strings.Repeat("0123456789", 50),
		"local/report.csv": "r\n", "local/sales.csv": "ss\n", "local/notes.txt": "n\n", "local/my file.txt": "blank\n",
		"local/site/index.html": "new\n", "local/site/css/main.css": "c\n", "local/site/x.tmp": "t\n",
	}
}

func (h *habitRun) write(name, content string) string {
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		h.t.Fatal(err)
	}
	return path
}

func (h *habitRun) ferry(args ...string) (code int, errs string) {
	var out, err bytes.Buffer
	code = run(context.Background(), append([]string{"ferry"}, args...), &out, &err)
	return code, h.plain(err.String())
}

func (h *habitRun) output(args ...string) (out, errs string) {
	var o, e bytes.Buffer
	run(context.Background(), append([]string{"ferry"}, args...), &o, &e)
	return o.String(), h.plain(e.String())
}

// plain takes out what differs from run to run.
func (h *habitRun) plain(text string) string {
	text = strings.ReplaceAll(text, h.dir+string(filepath.Separator), "")
	return regexp.MustCompile(`\b20\d{6}_`).ReplaceAllString(text, "DATE_")
}

// changed are the files that are new, gone or other than they were.
func (h *habitRun) changed() string {
	before, now := habitFiles(), map[string]string{}
	_ = filepath.WalkDir(h.dir, func(path string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(h.dir, path)
		if name = filepath.ToSlash(name); err == nil && !e.IsDir() && strings.Contains(name, "/") {
			b, _ := os.ReadFile(path)
			now[name] = string(b)
		}
		return nil
	})
	var lines []string
	for name, content := range now {
		if old, was := before[name]; !was || old != content {
			lines = append(lines, fmt.Sprintf("%s %q", h.plain(name), content[:min(len(content), 12)]))
		}
	}
	for name := range before {
		if _, is := now[name]; !is {
			lines = append(lines, name+" is gone")
		}
	}
	slices.Sort(lines)
	return strings.Join(append(lines, ""), "\n")
}
