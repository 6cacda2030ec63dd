package script

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/script/bulk"
)

func TestJobs(t *testing.T) {
	for in, want := range map[string]string{
		"size a.txt &\nwait; echo after":                      "0 3\nafter\n",
		"size a.txt & size zero & wait 1; wait 2; echo after": "0 ",
		"size a.txt &":                                      "0 3\n",
		"size none &\nwait; echo no":                        "1 ",
		"size none &\necho on":                              "1 on\n",
		"-size none &\necho on":                             "0 on\n",
		"on-error continue; size none &\nwait; echo on":     "10 on\n",
		"queue echo 1; queue echo 2; queue echo 3; wait":    "0 1\n2\n3\n",
		"queue size none; queue echo 2; wait":               "1 2\n",
		"for x in 1 2; queue echo ${x}; end":                "0 1\n2\n",
		"if ok; parallel 1; wait; echo x; end; end &\nwait": "0 x\n", // not for the job that it is a part of
		"queue 1001 echo x":                                 "2 ",
		"queue 5":                                           "2 ",
		"queue 5 & echo on":                                 "2 ",
		"queue 1 wait; queue -1 echo x; wait":               "0 x\n",
		"priority 9 1":                                      "2 ",
		"queue echo x; priority 1 x":                        "2 ",
		"if ok; echo 1; echo 2; end &\nwait":                "0 1\n2\n",
		"parallel 1; echo 1; echo 2; end; echo 3":           "0 1\n2\n3\n",
		"parallel 1; for x in a b c; echo ${x}; end; end":   "0 a\nb\nc\n",
		"parallel 1; for x in a b c; if ${x} == b; break; end; echo ${x}; end; end; echo on": "0 a\non\n",
		"parallel 1; size none; echo no; end; echo no":                                       "1 ",
		"on-error continue; parallel 1; size none; echo on; end; echo on":                    "10 on\non\n",
		"on-error goto-end; parallel 1; size none; echo no; end; echo on":                    "10 on\n",
		"parallel 2; parallel 2; echo x; echo x; end; echo x; end":                           "0 x\nx\nx\n",
		"set x 1; parallel 1; set x 2; echo ${x}; end; echo ${x}":                            "0 1\n1\n",
		"parallel 1; quit 7; echo no; end; echo no":                                          "7 ",
		"retry 1 1ms\nparallel 1; size none; end\nend":                                       "1 ",
		"def p f; size ${f}; end; parallel 2; p zero; p b.txt; end":                          "0 0\n0\n",
		"cd d; pwd & wait; pwd":                                                              "0 /d\n/d\n",
		"queue wait; queue echo x; wait":                                                     "0 x\n",
		"kill all; wait; fg 9":                                                               "2 ",
		"quit 3 &\nwait":                                                                     "3 ",
		"ls > out & wait; lcat out > out2; if lempty out2; echo no; end":                     "0 ",
	} {
		w := blockWorld(t)
		err := w.in(in)
		code, text, _ := strings.Cut(want, " ")
		got := w.out.String()
		if strings.Contains(in, "wait 1") {
			got = ""
		}
		if fmt.Sprint(ExitCode(err)) != code || got != text {
			t.Errorf("%s: exit %d %v\n%s\n%s", in, ExitCode(err), err, got, w.err.String())
		}
	}
}

// Each job has a session of its own, and those that have ended serve the next.
func TestJobsShareSessions(t *testing.T) {
	w := blockWorld(t)
	w.mustIn("cd d\nfor x in 1 2 3 4 5 6 7 8 9; queue size ../a.txt; end\nwait\nqueue pwd\n")
	if n := len(w.server.sent("PASS")); n != 2 {
		t.Errorf("%d logins: %v", n, w.server.commands)
	}
	if n := len(w.server.sent("QUIT")); n != 2 {
		t.Errorf("%d farewells", n)
	}
	w = blockWorld(t)
	w.mustIn("size a.txt &\nwait\nset tls off\nsize a.txt &\nwait\n")
	if n := len(w.server.sent("PASS")); n != 3 {
		t.Errorf("%d logins: what was made by other settings was taken over", n)
	}
}

// So do those of a script that names nobody and has not logged in by itself.
func TestJobsOfAGuestShareSessions(t *testing.T) {
	w := blockWorld(t)
	if err := w.run("open ftp.test\nfor x in 1 2 3 4; queue size a.txt; end\nwait\n"); err != nil {
		t.Fatal(err)
	}
	if n := len(w.server.sent("PASS")); n != 1 {
		t.Errorf("%d logins: %v", n, w.server.commands)
	}
}

func TestParallelRunsAtTheSameTime(t *testing.T) {
	w := blockWorld(t)
	var mu sync.Mutex
	at, most := 0, 0
	w.cfg.Recorder = during{func(op Op) {
		if op.Verb != "mkdir" {
			return
		}
		mu.Lock()
		at++
		most = max(most, at)
		mu.Unlock()
		for range 200 { // until three are here
			mu.Lock()
			n := most
			mu.Unlock()
			if n == 3 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(time.Millisecond)
		mu.Lock()
		at--
		mu.Unlock()
	}}
	w.mustIn("parallel 3; for x in 1 2 3 4 5 6 7 8; mkdir n${x}; end; end\n")
	if most != 3 || !w.server.dirs["/n8"] {
		t.Error(most)
	}
}

type during struct{ f func(Op) }

func (d during) Begin(_ context.Context, op Op) (Course, error) { d.f(op); return Proceed, nil }
func (d during) End(Op, Outcome)                                {}

// Events tell their job, and never come two at once.
func TestEventsNameTheirJob(t *testing.T) {
	w := blockWorld(t)
	var seen []string
	w.cfg.Events = func(e bulk.Event) {
		if e.Kind == bulk.Done {
			seen = append(seen, e.Job+":"+filepath.Base(e.Item.Local))
		}
	}
	w.mustIn("get b.txt\nparallel 2; get a.txt; get zero; end\nqueue put here.txt\n")
	slices.Sort(seen)
	if got := strings.Join(seen, " "); got != "1:a.txt 2:zero 3:here.txt :b.txt" {
		t.Error(got)
	}
}

func TestJobsEndWithTheRun(t *testing.T) {
	w := blockWorld(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(30*time.Millisecond, func() { cancel(signalled(15)) })
	file := filepath.Join(w.dir, "f")
	os.WriteFile(file, []byte("def nap\n!exec sleep 20\nend\nnap &\nqueue nap\nqueue echo no\nat-end; echo ${status}; end"), 0o600)
	err := Run(ctx, w.cfg, file)
	if ExitCode(err) != 143 || w.out.String() != "143\n" {
		t.Error(err, w.out.String())
	}
}

func TestTimeoutEndsParallel(t *testing.T) {
	w := blockWorld(t)
	err := w.in("def nap\n!exec sleep 20\nend\n-timeout 20ms parallel 1; nap; echo no; end\necho ${status}")
	if err != nil || w.out.String() != "8\n" {
		t.Error(err, w.out.String(), w.err.String())
	}
}

// At a prompt a job's end is told, in its own line and not amid another verb.
func TestJobsAtAPrompt(t *testing.T) {
	w := blockWorld(t)
	var mu sync.Mutex
	var errs bytes.Buffer
	a := &asker{answers: []Answer{No, Yes}}
	a.policy = bulk.Skip // of what job 4 asks when it is waited for
	w.cfg.Ask, w.cfg.Err = a, lockedWriter{&mu, &errs}
	e, err := New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	do := func(line string) error { return e.ExecText(t.Context(), line) }
	for _, line := range []string{"open anna:secret@ftp.test", "def nap", "!exec sleep 20", "end", "nap &", "get here.txt &", "get b.txt &", "put here.txt zero &"} {
		if err := do(line); err != nil {
			t.Fatal(line, err)
		}
	}
	if n := e.State().Jobs.Active(); n < 1 || len(e.State().Jobs.List()) != 4 {
		t.Error(n)
	}
	for _, id := range []string{"2", "3", "4"} {
		_ = do("wait " + id)
	}
	if w.read("b.txt") != "" {
		t.Error("nothing came")
	}
	if err := do("quit"); err != nil {
		t.Error("it left though the answer was no:", err)
	}
	if err := do("kill 1"); err != nil {
		t.Error(err)
	}
	mu.Lock()
	got := errs.String()
	mu.Unlock()
	for _, want := range []string{"[1] nap\n", "[1] killed: nap\n", "[2] failed: get here.txt: get: ", "[3] done: get b.txt\n", "[4] here.txt -> zero: skipped"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if content, _ := w.server.content("/zero"); content != "" {
		t.Error("a job replaced a file without being told to")
	}
	if err := e.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

func TestJobLinesAreWhole(t *testing.T) {
	var b bytes.Buffer
	w := &lineWriter{to: &b, prefix: "[1] "}
	for _, s := range []string{"a", "b\nc\n", "", "d", "\ne"} {
		fmt.Fprint(w, s)
	}
	_ = w.end()
	if got := b.String(); got != "[1] ab\n[1] c\n[1] d\n[1] e" {
		t.Errorf("%q", got)
	}
}

// A piece that is started after another has failed does not run, and nobody
// waits for it.
func TestALaneThatIsClosedTakesNothing(t *testing.T) {
	w := blockWorld(t)
	e, err := New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	st, l := e.State(), &lane{limit: 1}
	g := &together{st: st, lane: l}
	g.stop(nil)
	j, err := st.start(t.Context(), l, "late", 0, func(context.Context, *State) error {
		t.Error("it ran")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	g.jobs = []*job{j}
	if err := g.end(t.Context()); err != nil || j.Status != Killed {
		t.Error(err, j.Status)
	}
}

// A job that is held begins no file until somebody lets it go, or waits for it.
func TestPausedJobs(t *testing.T) {
	for _, end := range []string{"resume 2\nwait", "wait", "wait 2", "fg 2", "resume all"} {
		w := blockWorld(t)
		w.local("up.txt", "content")
		said, err := os.Create(filepath.Join(t.TempDir(), "said")) // commands of this system write beside
		if err != nil {
			t.Fatal(err)
		}
		w.cfg.Out, w.cfg.Err = said, said
		err = w.in("queue !until [ -e go ]; do sleep 0.01; done\nqueue put up.txt\npause 2\n!touch go\nretry 500 20ms\njobs > list\n!grep -q paused list\nend\n" +
			"if exists up.txt; echo it went; end\n" + end)
		said.Close()
		text, _ := os.ReadFile(said.Name())
		if got, _ := w.server.content("/up.txt"); err != nil || got != "content" || strings.Contains(string(text), "it went") {
			t.Errorf("%q: %v, %q\n%s", end, err, got, text)
		}
	}
}

// Of jobs that wait, that of the highest priority begins first; among equals
// the order of the queue holds. What the list tells of them is the last word.
func TestPriorities(t *testing.T) {
	for lines, want := range map[string]string{
		"queue echo 2\nqueue 5 echo 3\nqueue -1 echo 4\nqueue 5 echo 5\nqueue echo 6":                         "3 5 2 6 4",
		"queue echo 2\nqueue echo 3\nqueue echo 4\npriority 4 1":                                              "4 2 3",
		"queue echo 2\nqueue echo 3\npriority all 7\nqueue echo 4\npriority 2 -7\njobs > list":                "3 4 2",
		"set n 9\nqueue echo 2\nqueue ${n} echo 3":                                                            "3 2",
		"queue echo 2\nqueue echo 3\nqueue 5 if ok; wait; echo 4; end\nqueue echo 5":                          "2 3 4 5", // it waits for what it has overtaken
		"queue echo 2\nqueue echo 3\nqueue 5 parallel 2; if ok; wait; echo 5; end; end\nqueue echo 6\necho 1": "1 2 3 5 6",
	} {
		w := blockWorld(t)
		said, err := os.Create(filepath.Join(t.TempDir(), "said")) // commands of this system write beside
		if err != nil {
			t.Fatal(err)
		}
		told, err := os.Create(filepath.Join(t.TempDir(), "told"))
		if err != nil {
			t.Fatal(err)
		}
		w.cfg.Out, w.cfg.Err = said, told
		err = w.in("queue !for i in $(seq 500); do [ -e go ] && break; sleep 0.02; done\n" + lines + "\n!touch go\ntimeout 1m wait")
		said.Close()
		told.Close()
		text, _ := os.ReadFile(said.Name())
		if got := strings.Join(strings.Fields(string(text)), " "); err != nil || got != want {
			t.Errorf("%q: %v: %q, want %q", lines, err, got, want)
		}
		if list := w.read("list"); strings.Contains(lines, "list") && list != "1\trunning\t-\t!for i in $(seq 500); do [ -e go ] && break; sleep 0.02; done\n2\twaiting\tpriority -7\techo 2\n3\twaiting\tpriority 7\techo 3\n4\twaiting\t-\techo 4\n" {
			t.Errorf("%q", list)
		}
	}
}
