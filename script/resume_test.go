package script

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/script/journal"
)

// dying is a run that is killed: at one operation the world stops. What the
// journal has by then is put aside, and is what the next run finds.
type dying struct {
	w      *world
	script string
	state  string // what the dead run has left
}

// dies runs a script, and takes a copy of its journal when at says so, as if
// the process had been killed there.
func (w *world) dies(text string, at func(done bool, op Op) bool) *dying {
	w.t.Helper()
	d := &dying{w: w, script: filepath.Join(w.t.TempDir(), "test.ftp"), state: w.t.TempDir()}
	if err := os.WriteFile(d.script, []byte("open ftp.test\nuser anna secret\n"+text), 0o666); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(w.t.Context())
	w.cfg.State = w.t.TempDir()
	w.cfg.Books.Journal = KeepJournal
	w.cfg.Recorder = &killer{at: at, kill: func() {
		if err := os.CopyFS(filepath.Join(d.state, "runs"), os.DirFS(filepath.Join(w.cfg.State, "runs"))); err != nil {
			w.t.Error(err)
		}
		cancel(signalled(9))
	}}
	err := Run(ctx, w.cfg, d.script)
	if !w.cfg.Recorder.(*killer).dead {
		w.t.Fatal("it was not killed:", err)
	}
	w.cfg.Recorder, w.cfg.State = nil, d.state
	w.err.Reset()
	w.out.Reset()
	w.server.mu.Lock()
	w.server.commands = nil
	w.server.mu.Unlock()
	return d
}

// resume goes on with it.
func (d *dying) resume() error {
	d.w.t.Helper()
	d.w.cfg.Books.Journal = Resume
	return Run(d.w.t.Context(), d.w.cfg, d.script)
}

// killer is a recorder that ends the world before or behind an operation.
type killer struct {
	at   func(done bool, op Op) bool
	kill func()
	dead bool
}

func (k *killer) Begin(_ context.Context, op Op) (Course, error) {
	return Proceed, k.hit(false, op)
}

func (k *killer) End(op Op, _ Outcome) { _ = k.hit(true, op) }

func (k *killer) hit(done bool, op Op) error {
	if k.dead {
		return signalled(9)
	}
	if !k.at(done, op) {
		return nil
	}
	k.dead = true
	k.kill()
	return signalled(9)
}

// behind is the moment at which line n is done, and not recorded yet.
func behind(n int) func(bool, Op) bool {
	return func(done bool, op Op) bool { return done && op.Pos.Line == n }
}

func TestResumeGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t)
	w.local("a", "aa")
	w.local("b", "bb")
	w.server.file("/old", "o")
	d := w.dies("mkdir d\ncd d\nput a\nassert exists a\n-size none\nput b\nrename ../old ../new\n", behind(7))
	if err := d.resume(); err != nil {
		t.Fatal(err, HintOf(err), w.err.String())
	}
	if got := w.server.sent("MKD"); len(got) > 0 {
		t.Error("twice:", got)
	}
	if stored := strings.Join(w.server.sent("STOR", "RNTO"), ";"); strings.Contains(stored, "a") && !strings.Contains(stored, "RNTO b") {
		t.Error(stored)
	}
	if b, _ := w.server.content("/d/b"); b != "bb" {
		t.Error("b is not there")
	}
	if _, ok := w.server.content("/new"); !ok {
		t.Error("the line behind did not run")
	}
	w.server.commands = nil
	if err := d.resume(); err != nil || len(w.server.commands) > 0 || !strings.Contains(w.err.String(), "nothing to go on with") {
		t.Error("a run that was done is done again:", err, w.server.commands)
	}
	w.cfg.Books.Journal = KeepJournal
	if err := Run(t.Context(), w.cfg, d.script); ExitCode(err) != 1 || len(w.server.sent("MKD")) != 1 {
		t.Error("it does not begin anew without --resume:", err)
	}
}

// At every point of a run, before and behind each line, what the resumed run
// leaves is what a whole run leaves, and nothing was done twice.
func TestResumeFromEverywhere(t *testing.T) {
	text := `mkdir in
put a in/a
put b in/b
append c log
rename in/a in/done
rm in/b
get fetch
delete fetch
mput x*
append c log
quote CHECK one
`
	for line := 3; line <= 13; line++ {
		for _, done := range []bool{false, true} {
			if done && line == 13 {
				continue // TestUnsureLines
			}
			w := newWorld(t)
			w.server.refuse["CHECK one"] = "200 yes"
			w.server.file("/fetch", "F").file("/log", "0")
			for _, name := range []string{"a", "b", "c", "x1", "x2"} {
				w.local(name, strings.Repeat(name, 3))
			}
			d := w.dies(text, func(after bool, op Op) bool { return after == done && op.Pos.Line == line })
			if err := d.resume(); err != nil {
				t.Fatalf("line %d, done %v: %v\n%s", line, done, err, w.err.String())
			}
			for name, want := range map[string]string{"/in/done": "aaa", "/log": "0cccccc", "/x1": "x1x1x1", "/x2": "x2x2x2"} {
				if got, _ := w.server.content(name); got != want {
					t.Errorf("line %d, done %v: %s is %q, not %q", line, done, name, got, want)
				}
			}
			for _, name := range []string{"/in/a", "/in/b", "/fetch"} {
				if _, there := w.server.content(name); there {
					t.Errorf("line %d, done %v: %s is there", line, done, name)
				}
			}
			if w.read("fetch") != "F" {
				t.Error("what was fetched is gone")
			}
		}
	}
}

// What can't be seen is not guessed.
func TestUnsureLines(t *testing.T) {
	for how, want := range map[Unsure]struct {
		code int
		ran  bool
	}{UnsureStop: {1, false}, UnsureAgain: {0, true}, UnsureDone: {0, false}} {
		w := newWorld(t)
		w.server.refuse["SUBMIT job"] = "200 yes"
		d := w.dies("quote SUBMIT job\nmkdir d\n", behind(3))
		w.cfg.Books.Unsure = how
		err := d.resume()
		if ExitCode(err) != want.code || len(w.server.sent("SUBMIT")) > 0 != want.ran {
			t.Errorf("%q: %v, sent %v", how, err, w.server.sent("SUBMIT"))
		}
		if how == UnsureStop && (w.server.dirs["/d"] || !strings.Contains(HintOf(err), "--unsure done")) {
			t.Error("it went on all the same", HintOf(err))
		}
	}
}

func TestAppendIsFinished(t *testing.T) {
	for have, want := range map[string]string{"0": "0abcdef", "0abc": "0abcdef", "0abcdef": "0abcdef"} {
		w := newWorld(t)
		w.server.file("/log", "0")
		w.local("c", "abcdef")
		d := w.dies("append c log\n", behind(3))
		w.server.file("/log", have)
		if err := d.resume(); err != nil {
			t.Errorf("%s: %v", have, err)
		}
		if got, _ := w.server.content("/log"); got != want {
			t.Errorf("from %q: %q", have, got)
		}
	}
	none := newWorld(t)
	none.local("c", "abcdef")
	if err := none.dies("append c log\n", behind(3)).resume(); err != nil {
		t.Error("a target that wasn't there:", err)
	}
	if got, _ := none.server.content("/log"); got != "abcdef" {
		t.Errorf("%q", got)
	}
	w := newWorld(t)
	w.server.file("/log", "0")
	w.local("c", "abcdef")
	d := w.dies("append c log\n", behind(3))
	w.server.file("/log", "something much longer")
	var unsure *UnsureError
	if err := d.resume(); !errors.As(err, &unsure) {
		t.Error("somebody else has written there:", err)
	}
}

// Uploads that the dead run had done are compared before they are trusted.
func TestResumeCompares(t *testing.T) {
	half := func(op Op) bool { return op.Pos.Line == 3 }
	for name, c := range map[string]struct {
		change func(w *world)
		sent   bool
	}{
		"as it was":            {func(*world) {}, false},
		"cut at the server":    {func(w *world) { w.server.file("/a", "x") }, true},
		"taken at the server":  {func(w *world) { delete(w.server.files, "/a") }, false},
		"another source since": {func(w *world) { w.local("a", "newer") }, true},
	} {
		w := newWorld(t)
		w.local("a", "aaaa")
		w.local("b", "bbbb")
		d := w.dies("mput a b\nmkdir d\n", func(done bool, op Op) bool { return done && half(op) })
		c.change(w)
		if err := d.resume(); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, cmd := range w.server.sent("RNTO", "STOR") {
			if strings.HasSuffix(cmd, " a") {
				n++
			}
		}
		if n > 0 != c.sent {
			t.Errorf("%s: sent %v", name, w.server.sent("STOR", "RNTO"))
		}
	}
}

func TestDownloadsAreComparedHere(t *testing.T) {
	for _, content := range []string{"FFFF", "F", ""} {
		w := newWorld(t)
		w.server.file("/f", "FFFF")
		d := w.dies("get f\nls\n", behind(4))
		if content == "" {
			os.Remove(filepath.Join(w.dir, "f"))
		} else {
			w.local("f", content)
		}
		if err := d.resume(); err != nil {
			t.Fatal(err)
		}
		if w.read("f") != "FFFF" || len(w.server.sent("RETR")) > 0 != (content != "FFFF") {
			t.Error(content, w.server.sent("RETR"))
		}
	}
}

func TestResumeRefuses(t *testing.T) {
	w := newWorld(t)
	w.local("a", "aa")
	text := "put a\nmkdir d\n"
	d := w.dies(text, behind(3))
	journal := func() string {
		names, err := filepath.Glob(filepath.Join(d.state, "runs", "*.journal"))
		if err != nil || len(names) != 1 {
			t.Fatal(names, err)
		}
		return names[0]
	}
	whole, err := os.ReadFile(journal())
	if err != nil {
		t.Fatal(err)
	}
	var refused *ResumeError
	script, _ := os.ReadFile(d.script)
	os.WriteFile(d.script, append(script, "ls\n"...), 0o600)
	if err := d.resume(); !errors.As(err, &refused) || !strings.Contains(err.Error(), "the script has changed") || ExitCode(err) != 2 {
		t.Error(err)
	}
	os.WriteFile(d.script, script, 0o600)
	bad := append([]byte{}, whole...)
	bad[len(bad)/2] ^= 1
	os.WriteFile(journal(), bad, 0o600)
	if err := d.resume(); !errors.As(err, &refused) || !strings.Contains(err.Error(), "damaged") || len(w.server.sent("USER")) > 0 {
		t.Error(err)
	}
	os.WriteFile(journal(), whole, 0o600)
	os.WriteFile(d.script, []byte(strings.Replace(string(script), "open ftp.test", "open ftp.test 21", 1)), 0o600)
	if err := d.resume(); !errors.As(err, &refused) {
		t.Error(err)
	}
}

func TestOtherServersAreNotBelieved(t *testing.T) {
	w := newWorld(t)
	w.local("a", "aa")
	host := "ftp.test"
	w.cfg.Env = func(string) (string, bool) { return host, host != "" }
	d := w.dies("open ${env:HOST}\nuser anna secret\nput a\nmkdir d\n", behind(5))
	host = "other.test"
	w.cfg.Network = oneServer{w.cfg.Network}
	var refused *ResumeError
	if err := d.resume(); !errors.As(err, &refused) || !strings.Contains(err.Error(), "at anna@ftp.test:21, and this one is at anna@other.test:21") || w.server.dirs["/d"] {
		t.Error(err)
	}
}

// oneServer is a network in which every name is the one server's.
type oneServer struct{ proto.Network }

func (n oneServer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return n.Network.DialContext(ctx, network, strings.Replace(address, "other.test", "ftp.test", 1))
}

// A run that goes on takes the ways that the dead one took, though what it
// has done has changed what they depend on.
func TestWaysAreRemembered(t *testing.T) {
	w := newWorld(t)
	w.server.file("/in/a", "A").file("/in/b", "B").file("/in/c", "C")
	w.local("flag", "x")
	d := w.dies(`if not exists flag
	put flag
	for f in remote:in/*
		get ${f}
		rm ${f}
	end
	mkdir done
end
at-end
	rename flag flag.${status}
end
`, func(done bool, op Op) bool { return !done && op.Verb == "rm" && strings.Contains(op.Path, "in/b") })
	w.server.mu.Lock()
	w.server.files["/in/d"] = "D" // it came too late
	if w.server.files["/flag"] == "" {
		w.server.files["/flag"] = "x"
	}
	w.server.mu.Unlock()
	if err := d.resume(); err != nil {
		t.Fatal(err, w.err.String())
	}
	if w.read("a")+w.read("b")+w.read("c") != "ABC" || !w.server.dirs["/done"] {
		t.Error(w.err.String())
	}
	if got := strings.Join(w.server.sent("DELE", "RETR"), ";"); got != "DELE in/b;RETR in/c;DELE in/c" {
		t.Error(got)
	}
	if _, ok := w.server.content("/flag.0"); !ok {
		t.Error("at-end did not run again")
	}
}

// Journals that nobody has come back for are swept by the next run of any
// script.
func TestOldJournalsAreSwept(t *testing.T) {
	w := newWorld(t)
	d := w.dies("mkdir d\nmkdir e\n", behind(3))
	old := time.Now().Add(-2 * journal.Keep)
	names, err := filepath.Glob(filepath.Join(d.state, "runs", "*"))
	if err != nil || len(names) != 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
	w.cfg.Books.Journal = KeepJournal
	w.mustIn("mkdir other\n")
	for _, name := range names {
		if _, err := os.Stat(name); err == nil {
			t.Error(name, "is still there")
		}
	}
}

func TestNothingToResume(t *testing.T) {
	w := newWorld(t)
	w.cfg.State, w.cfg.Books.Journal = t.TempDir(), Resume
	w.mustIn("mkdir d\n")
	if !w.server.dirs["/d"] {
		t.Error("it did not run")
	}
}

func TestTwoRunsOfOneScript(t *testing.T) {
	w := newWorld(t)
	w.cfg.State, w.cfg.Books.Journal = t.TempDir(), KeepJournal
	script := filepath.Join(w.dir, "s.ftp")
	w.local("s.ftp", "open ftp.test\nuser anna secret\n@second\n")
	var second error
	w.cfg.Verbs = []Verb{{Name: "second", Run: func(ctx context.Context, st *State, _ Args) error {
		cfg := w.cfg
		cfg.Verbs = nil
		second = Run(ctx, cfg, script)
		return nil
	}}}
	if err := Run(t.Context(), w.cfg, script); err != nil {
		t.Fatal(err)
	}
	var busy *journal.BusyError
	if !errors.As(second, &busy) || ExitCode(second) != 1 || !strings.Contains(second.Error(), "runs already: process ") || HintOf(second) == "" {
		t.Error(second)
	}
	w.cfg.Args = []string{"other"}
	if err := Run(t.Context(), w.cfg, script); err != nil {
		t.Error("other arguments are another run:", err)
	}
}

// ${date:…} is the same in what goes on as in what broke off.
func TestDatesAreThoseOfTheBeginning(t *testing.T) {
	w := newWorld(t)
	w.cfg.Now = func() time.Time { return fakeTime }
	d := w.dies("mkdir ${date:2006-01-02}\nmkdir ${date:2006-01-02}/b\n", behind(3))
	w.cfg.Now = func() time.Time { return fakeTime.Add(24 * time.Hour) }
	if err := d.resume(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(w.server.sent("MKD")); got != "[MKD 2026-03-04/b]" {
		t.Error(got)
	}
}

// SECURITY: what a run keeps and tells has no secret in it.
func TestCanaryInTheBooks(t *testing.T) {
	w := newWorld(t)
	var log, events strings.Builder
	w.server.password = "CANARY"
	w.cfg.State = t.TempDir()
	w.cfg.Args = []string{"CANARY"}
	w.cfg.Env = func(name string) (string, bool) { return "CANARY", true }
	w.cfg.Books = Books{Journal: KeepJournal, Log: &log, Events: &events, Report: filepath.Join(w.dir, "out.json"), OnFailure: []string{"env"}}
	w.local("a", "x")
	t.Setenv("FERRY_PASSWORD", "CANARY")
	err := w.run("set password ${1}\nopen ftp.test\nuser anna ${password}\nput a\nquote PASS CANARY\nsite PSWD CANARY x\nopen ftp://anna:CANARY@nowhere.test/\n")
	if err == nil {
		t.Fatal("it went well")
	}
	left := log.String() + events.String() + w.err.String() + w.out.String() + err.Error()
	for _, dir := range []string{w.cfg.State, w.dir} {
		ferr := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(name)
			left += name + string(b)
			return err
		})
		if ferr != nil {
			t.Fatal(ferr)
		}
	}
	for _, want := range []string{"out.json", ".journal", "put a", "PASS ****"} {
		if !strings.Contains(left, want) {
			t.Error("the test has not seen", want)
		}
	}
	if i := strings.Index(left, "CANARY"); i >= 0 {
		t.Errorf("…%s…", left[max(0, i-200):i+50])
	}
}

// ${temp} of a run that was killed is that of the one that goes on, with what
// is in it, and is gone behind its end; so is that of a run that begins anew.
func TestResumeKeepsTemp(t *testing.T) {
	for name, mode := range map[string]Journalling{"it goes on": Resume, "it begins anew": KeepJournal} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			w := newWorld(t)
			w.server.file("/pub/a", "1")
			w.server.file("/pub/b", "2")
			d := w.dies("get pub/a ${temp}/a\nappend ${temp}/a log\nget pub/b ${temp}/b\nput ${temp}/a pub/kept\n", func(done bool, op Op) bool {
				return done && op.Verb == "append"
			})
			// A death leaves its directory; the end of this process' run has not.
			past := w.past()
			dir := string(past.Lines[tempKey(0)].Values[0])
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "a"), []byte("of the dead run"), 0o600); err != nil {
				t.Fatal(err)
			}
			w.cfg.Books.Journal = mode
			if err := Run(t.Context(), w.cfg, d.script); err != nil {
				t.Fatal(err, w.err.String())
			}
			want := map[Journalling]string{Resume: "of the dead run", KeepJournal: "1"}[mode]
			if got := w.server.files["/pub/kept"]; got != want {
				t.Errorf("the run had %q", got)
			}
			if left, _ := filepath.Glob(filepath.Join(os.TempDir(), tempPrefix+"*")); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// ${temp} of a run that failed has what the lines have put there that are not
// done again, and is gone when the run is done, or nobody can go on with it.
func TestFailedRunKeepsTemp(t *testing.T) {
	for _, c := range []struct {
		mode Journalling
		next Journalling // of the second run
		kept string
	}{{KeepJournal, Resume, "1"}, {KeepJournal, KeepJournal, "1"}, {NoJournal, NoJournal, ""}} {
		t.Setenv("TMPDIR", t.TempDir())
		w := newWorld(t)
		w.server.file("/pub/a", "1")
		w.server.refuse["STOR"] = "550 Not now"
		script := filepath.Join(t.TempDir(), "s.ftp")
		if err := os.WriteFile(script, []byte("open ftp.test\nuser anna secret\ncat pub/a > ${temp}/a\nput ${temp}/a pub/kept\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.cfg.State, w.cfg.Books.Journal = t.TempDir(), c.mode
		if err := Run(t.Context(), w.cfg, script); err == nil {
			t.Fatal("it did not fail")
		}
		files, _ := filepath.Glob(filepath.Join(os.TempDir(), tempPrefix+"*", "a"))
		if (len(files) == 1) != (c.kept != "") {
			t.Errorf("%v: kept: %q", c.mode, files)
		}
		delete(w.server.refuse, "STOR")
		if c.next == Resume {
			w.server.file("/pub/a", "another")
		}
		w.cfg.Books.Journal = c.next
		if err := Run(t.Context(), w.cfg, script); err != nil {
			t.Fatal(err, w.err.String())
		}
		if got := w.server.files["/pub/kept"]; got != "1" {
			t.Errorf("the second run had %q", got)
		}
		if left, _ := filepath.Glob(filepath.Join(os.TempDir(), tempPrefix+"*")); len(left) > 0 {
			t.Errorf("%v, then %v: left: %q", c.mode, c.next, left)
		}
	}
}

// A directory that is not this user's alone is nobody's to go on with.
func TestTempOfOurs(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir, err := os.MkdirTemp("", tempPrefix)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(os.TempDir(), tempPrefix+"link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	other := filepath.Join(os.TempDir(), "other")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{dir: true, link: false, other: false, dir + "/../other": false, filepath.Join(dir, tempPrefix): false} {
		if got := tempOfOurs(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if err := os.Chmod(dir, 0o777); err == nil && runtime.GOOS != "windows" && tempOfOurs(dir) {
		t.Error("others may write into it")
	}
}
