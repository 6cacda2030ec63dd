package script

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"ferry/script/journal"
	"ferry/script/report"
)

// reported runs a script and returns its report.
func (w *world) reported(text string) (*report.Report, error) {
	w.t.Helper()
	w.cfg.Books.Report = filepath.Join(w.t.TempDir(), "out.json")
	err := w.in(text)
	b, rerr := os.ReadFile(w.cfg.Books.Report)
	if rerr != nil {
		w.t.Fatal(rerr)
	}
	r := &report.Report{}
	if err := json.Unmarshal(b, r); err != nil {
		w.t.Fatal(err)
	}
	return r, err
}

func TestReport(t *testing.T) {
	w := newWorld(t)
	w.local("a", "four")
	w.local("b", "sixsix")
	var events bytes.Buffer
	w.cfg.Books.Events = &events
	r, err := w.reported("mput a b\n-size none\nget none\nls\n")
	if ExitCode(err) != 1 {
		t.Fatal(err)
	}
	s := r.Summary
	if s.Status != report.Failed || s.Exit != 1 || s.Lines != 5 || s.Failed != 1 || s.Ignored != 1 || s.Files != 2 || s.Bytes != 10 ||
		!strings.HasSuffix(s.Error, "test.ftp:5: get: none: 550 No such file") || s.Hint != "`ls` shows what is there" {
		t.Errorf("%+v", s)
	}
	put := r.Operations[2]
	if put.Verb != "mput" || put.Line != 3 || put.Site != "anna@ftp.test:21" || put.Status != report.Done || put.Bytes != 10 || len(put.Files) != 2 || put.Reply == nil {
		t.Errorf("%+v", put)
	}
	if f := put.Files[1]; f.Direction != report.Up || f.Remote != "b" || f.Size != 6 || f.Status != report.Done || f.Verified != "size" || f.Attempts != 1 {
		t.Errorf("%+v", f)
	}
	if o := r.Operations[3]; o.Status != report.Ignored || o.Reply.Code != 550 || o.Exit != 1 {
		t.Errorf("%+v", o)
	}
	if o := r.Operations[4]; o.Status != report.Failed || o.Reply.Code != 550 || o.Error != "none: 550 No such file" {
		t.Errorf("%+v", o)
	}
	var kinds []string
	for line := range strings.Lines(events.String()) {
		var e report.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, string(e.Kind))
	}
	if got := strings.Join(kinds, " "); !strings.HasPrefix(got, "run line line-end line line-end line files file ") || !strings.HasSuffix(got, "line-end end") || strings.Count(got, "file-end") != 2 {
		t.Error(got)
	}
}

// Every file has its own reply in the report, whether it went in a series, by
// one line with others, or without the engine; and its bytes.
func TestReportReplies(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"put a\nput b\nput c\n", "put 3 226 [a 226], put 4 226 [b 226], put 5 226 [c 226]"},
		{"get x\nget y\n", "get 1 226 [x 226], get 2 226 [y 226]"},
		{"mput a b\n", "mput 7 226 [a 226 b 226]"},
		{"put a\nput b\nget none\n", "put 3 226 [a 226], put 4 226 [b 226], get 0 550 []"},
		{"append a all\n", "append 3 226 [all 226]"},
		{"get x -\ncat y\n", "get 1 226 [x 226], cat 2 226 [y 226]"},
		{"restart 1; get y z\n", "restart 0 0 [], get 1 226 [y 226]"},
		{"put - n\n", "put 2 226 [n 226]"},
		{"set sunique on\nput a\n", "set 0 0 [], put 3 226 [a 226]"},
		{"copy x w\n", "copy 1 226 [w 226]"},
		{"size y\nmkdir d\n", "size 0 213 [], mkdir 0 257 []"},
	} {
		w := newWorld(t)
		w.server.file("/x", "1").file("/y", "22")
		w.local("a", "aaa")
		w.local("b", "bbbb")
		w.local("c", "ccccc")
		w.cfg.In = strings.NewReader("in")
		r, _ := w.reported(c.text)
		var all []string
		for _, o := range r.Operations[2:] {
			var files []string
			for _, f := range o.Files {
				if f.Reply == nil {
					t.Fatalf("%s: %s has no reply", c.text, f.Remote)
				}
				files = append(files, fmt.Sprint(f.Remote, " ", f.Reply.Code))
			}
			code := 0
			if o.Reply != nil {
				code = o.Reply.Code
			}
			all = append(all, fmt.Sprint(o.Verb, " ", o.Bytes, " ", code, " ", files))
		}
		if got := strings.Join(all, ", "); got != c.want {
			t.Errorf("%s: %s, not %s\n%s", c.text, got, c.want, w.err.String())
		}
	}
}

// A report of last night must not survive a run that was killed before its end.
func TestReportBeginsWithTheRun(t *testing.T) {
	w := newWorld(t)
	w.cfg.Books.Report = filepath.Join(w.dir, "out.json")
	w.local("out.json", `{"summary":{"exit":0}}`)
	w.server.onStore = func() {
		var r report.Report
		if err := json.Unmarshal([]byte(w.read("out.json")), &r); err != nil || r.Summary.Status != report.Running || r.Summary.Exit != -1 {
			t.Error(err, r.Summary)
		}
	}
	w.local("a", "x")
	w.mustIn("put a\n")
	if len(w.server.sent("STOR")) == 0 {
		t.Error("nothing was sent")
	}
}

func TestReportsThatCantBeWritten(t *testing.T) {
	w := newWorld(t)
	w.cfg.Books.Report = filepath.Join(w.dir, "none", "out.json")
	if err := w.in("mkdir a\n"); ExitCode(err) != 6 || w.server.dirs["/a"] {
		t.Error("found only behind the run:", err)
	}
}

func TestLog(t *testing.T) {
	w := newWorld(t)
	var log bytes.Buffer
	w.cfg.Books.Log = &log
	w.cfg.Now = func() time.Time { return fakeTime }
	w.cfg.Preset = map[string]string{"quiet": "on"}
	err := w.in("mkdir a\nsize none\n")
	if ExitCode(err) != 1 || w.err.Len() > 0 {
		t.Error(err, w.err.String())
	}
	for _, want := range []string{"> user anna ****", "C: PASS ****", "> mkdir a", "S: 257", "test.ftp:4: size: none: 550 No such file", "hint: "} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in\n%s", want, log.String())
		}
	}
	for line := range strings.Lines(log.String()) {
		if !strings.HasPrefix(line, "2026-03-04T05:06:07.000Z ") {
			t.Error(line)
		}
	}
}

func TestDeadline(t *testing.T) {
	w := newWorld(t)
	w.server.silent = "SIZE"
	w.cfg.Books.Deadline = 50 * time.Millisecond
	r, err := w.reported("-size x\nmkdir a\n")
	var late *DeadlineError
	if ExitCode(err) != 8 || !errors.As(err, &late) || w.server.dirs["/a"] {
		t.Error(err)
	}
	if r.Summary.Status != report.Interrupted || r.Summary.Exit != 8 {
		t.Errorf("%+v", r.Summary)
	}
	if h := hint(err); !strings.Contains(h, "--deadline") || strings.Contains(h, "reply-timeout") {
		t.Errorf("hint %q", h)
	}
}

// A signal that is meant for a group of processes reaches a local command first:
// the run ends of the signal, and not of a command that failed.
func TestSignalsOfAGroup(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such signals there")
	}
	for ours, code := range map[syscall.Signal]int{syscall.SIGTERM: 143, 0: 1} {
		w := newWorld(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		w.cfg.Program = func(cmd *exec.Cmd) error {
			err := cmd.Run()
			if ours != 0 {
				time.AfterFunc(10*time.Millisecond, func() { cancel(signalled(ours)) })
			}
			return err
		}
		w.local("s.ftp", "!kill -TERM $$\n")
		if err := Run(ctx, w.cfg, filepath.Join(w.dir, "s.ftp")); ExitCode(err) != code {
			t.Errorf("signal %d: code %d, %v", ours, ExitCode(err), err)
		}
		cancel(nil)
	}
}

func TestInterruptedRunsReportIt(t *testing.T) {
	w := newWorld(t)
	w.local("a", "x")
	ctx, cancel := context.WithCancelCause(t.Context())
	w.server.onStore = func() { cancel(signalled(15)) }
	w.local("s.ftp", "open ftp.test\nuser anna secret\nput a\n")
	w.cfg.Books.Report = filepath.Join(w.dir, "out.json")
	w.cfg.Books.Journal, w.cfg.State = KeepJournal, t.TempDir()
	err := Run(ctx, w.cfg, filepath.Join(w.dir, "s.ftp"))
	var r report.Report
	if jerr := json.Unmarshal([]byte(w.read("out.json")), &r); jerr != nil || ExitCode(err) != 143 || r.Summary.Exit != 143 || r.Summary.Status != report.Interrupted {
		t.Error(err, jerr, r.Summary)
	}
	p := w.past()
	if p == nil || !p.Ended || p.Code != 143 {
		t.Errorf("the journal was not closed: %+v", p)
	}
}

// past is the only journal of the world's state.
func (w *world) past() *journal.Past {
	w.t.Helper()
	names, err := filepath.Glob(filepath.Join(w.cfg.State, "runs", "*.journal"))
	if err != nil || len(names) != 1 {
		w.t.Fatal(names, err)
	}
	f, err := os.Open(names[0])
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	p, err := journal.Read(f)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func TestOnFailure(t *testing.T) {
	w := newWorld(t)
	t.Setenv("FERRY_PASSWORD", "CANARY")
	w.cfg.Books.OnFailure = []string{"/bin/sh", "-c", "env; echo arg:$1", "sh", "${x} $FERRY_LINE"}
	if err := w.in("mkdir a\n"); err != nil || strings.Contains(w.err.String(), "FERRY_STATUS") {
		t.Error("it ran after a success", err)
	}
	if err := w.in("mkdir b\nsize none\n"); ExitCode(err) != 1 {
		t.Error(err)
	}
	got := w.err.String()
	for _, want := range []string{"FERRY_STATUS=1\n", "size: none: 550 No such file\n", "FERRY_LINE=4\n", "FERRY_VERB=size\n", "arg:${x} $FERRY_LINE\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "CANARY") {
		t.Error("the password is in its environment")
	}
	w.cfg.Books.OnFailure = []string{filepath.Join(w.dir, "none")}
	if err := w.in("size none\n"); ExitCode(err) != 1 || !strings.Contains(err.Error(), "--on-failure") {
		t.Error(err)
	}
}

func TestPlanChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.cfg.Books.Plan = PlanOnly
	w.server.file("/a.csv", "another").file("/old/x", "1").file("/list", "2").file("/there", "3")
	w.local("a.csv", "four")
	w.local("b.csv", "six six")
	r, err := w.reported(`mkdir -p in/day
cd in/day
mput *.csv
put a.csv other
ls
assert exists a.csv
cd ../..
rm -r old
rm -f none
rename list list.done
get there
lmkdir here
!touch ran
append a.csv there
ls > listing
ls | touch piped
quote SITE LRECL=80
quote DELE there
site chmod 600 there
cat there
put a.csv there
`)
	if ExitCode(err) != 11 {
		t.Fatal(err, w.err.String())
	}
	for _, c := range w.server.sent("STOR", "APPE", "STOU", "MKD", "RMD", "DELE", "RNFR", "RNTO", "MFMT", "MDTM", "SITE") {
		if !strings.HasPrefix(c, "SITE LRECL") {
			t.Error("sent:", c)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(w.dir, "*")); len(left) != 2 {
		t.Error("on this side:", left)
	}
	for _, want := range []string{
		"would make in\n", "would make in/day\n", "would put a.csv -> /in/day/a.csv (4 bytes)\n", "would put a.csv -> /in/day/other (4 bytes)\n",
		"would delete old with all that is in it\n", "would rename list to list.done\n", "would get there -> there (1 byte)\n",
		"would append a.csv there\n", "would ls\n", "would quote DELE there\n", "would put a.csv -> there (4 bytes), which replaces what is there\n",
	} {
		if !strings.Contains(w.out.String(), want) {
			t.Errorf("no %q in\n%s", want, w.out.String())
		}
	}
	if strings.Contains(w.out.String(), "none") {
		t.Error("rm -f of what is not there is a change")
	}
	if s := r.Summary; s.Status != report.Planned || s.Exit != 11 || s.Planned != 14 || r.Mode != report.Plan {
		t.Errorf("%+v", s)
	}
}

func TestPlanOfNothing(t *testing.T) {
	w := newWorld(t)
	w.cfg.Books.Plan = PlanOnly
	w.server.file("/d/x", "1")
	w.local("x", "1")
	if err := w.in("cd d\nmkdir -p /d\nrm -f none\nput x --existing skip\nls\n"); err != nil {
		t.Error(err, w.out.String())
	}
}

// What fails without any change behind it fails in the run too.
func TestPlanTellsOfFailures(t *testing.T) {
	for _, text := range []string{"cd none\n", "get none\n", "assert exists none\n", "rm none\n", "rename none b\n", "put none\n", "mkdir d\n"} {
		w := newWorld(t)
		w.cfg.Books.Plan = PlanOnly
		w.server.file("/d/x", "1")
		if err := w.in(text); err == nil || ExitCode(err) == 11 {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A plan that can't be made whole does not say that there is nothing to do.
func TestPlanSaysWhatStoppedIt(t *testing.T) {
	for text, want := range map[string]string{
		"mkdri d\n":          "2 plan: a failure came before",
		"cd none\n":          "1 plan: a failure came before",
		"mkdir d\ncd none\n": "1 plan: up to a failure, 1 other change; nothing was changed",
		"mkdir d\n":          "11 plan: 1 other change; nothing was changed",
		"pwd\n":              "0 plan: there is nothing to do",
	} {
		w := newWorld(t)
		w.cfg.Books.Plan, w.cfg.Books.Totals = PlanOnly, true
		r, err := w.reported(text)
		code, said, _ := strings.Cut(want, " ")
		if fmt.Sprint(ExitCode(err)) != code || !strings.Contains(w.err.String(), said) || fmt.Sprint(r.Summary.Exit) != code {
			t.Errorf("%s: %v\n%s", text, err, w.err.String())
		}
	}
}

// A verb that thinks that it changes nothing meets the wall.
func TestPlanHasAWall(t *testing.T) {
	w := newWorld(t)
	w.cfg.Books.Plan = PlanOnly
	w.cfg.Verbs = []Verb{{Name: "sly", Effect: Looks, Needs: Login, Run: func(ctx context.Context, st *State, _ Args) error {
		return st.client.Delete(ctx, "x")
	}}}
	var wall *NotPermittedError
	if err := w.in("sly\n"); !errors.As(err, &wall) || len(w.server.sent("DELE")) > 0 {
		t.Error(err)
	}
}

// A state directory that can't be written costs the journal, not the run; to
// go on with a run it is wanted.
func TestRunsWithoutAPlaceForState(t *testing.T) {
	w := newWorld(t)
	w.local("file", "")
	w.cfg.State, w.cfg.Books.Journal = filepath.Join(w.dir, "file", "ferry"), KeepJournal
	if err := w.in("mkdir a\n"); err != nil || !w.server.dirs["/a"] || !strings.Contains(w.err.String(), "no journal is kept") {
		t.Error(err, w.err.String())
	}
	w.cfg.Books.Journal = Resume
	if err := w.in("mkdir b\n"); ExitCode(err) != exitLocal || w.server.dirs["/b"] {
		t.Error(err)
	}
}
