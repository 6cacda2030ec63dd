package script

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Every line says whose it is: of which connection, and of which job.
func TestDialogueNamesItsSession(t *testing.T) {
	w := newWorld(t)
	w.server.file("/a.txt", "a")
	var said []Said
	w.cfg.Trace = func(s Said) { said = append(said, s) }
	var log bytes.Buffer
	w.cfg.Books.Log = &log
	w.mustIn("noop\nget a.txt b.txt &\nwait\nnoop\n")
	jobs := map[int]int{}
	for _, s := range said {
		jobs[s.Session] = s.Job
		if strings.HasPrefix(s.Text, "RETR") && s.Session != 2 {
			t.Errorf("%v", s)
		}
		if s.Text == "NOOP" && s.Session != 1 {
			t.Errorf("%v", s)
		}
	}
	if fmt.Sprint(jobs) != "map[1:0 2:1]" {
		t.Errorf("sessions and their jobs: %v", jobs)
	}
	for _, want := range []string{"Z C: USER anna\n", "Z #2 C: RETR a.txt\n"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in the log:\n%s", want, log.String())
		}
	}
}

// `debug on` tells the sessions apart while there are several, and shows jobs
// for as long as the person wants to see any.
func TestDebugTellsSessionsApart(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c"} {
		w.server.file("/"+name, name)
	}
	var mu sync.Mutex
	var errs bytes.Buffer
	w.cfg.Ask, w.cfg.Err = &asker{}, lockedWriter{&mu, &errs}
	ctx := context.Background()
	e, err := New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	exec := func(lines ...string) string {
		t.Helper()
		mu.Lock()
		errs.Reset()
		mu.Unlock()
		for _, line := range lines {
			if err := e.ExecText(ctx, line); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		return errs.String()
	}
	exec("debug on", "open ftp://anna:secret@ftp.test")
	if got := exec("noop"); !strings.Contains(got, "C: NOOP\n") || strings.Contains(got, "#") {
		t.Errorf("one session:\n%s", got)
	}
	if got := exec("get a &", "wait"); !regexp.MustCompile(`(?m)^\[1\] #2 C: RETR a$`).MatchString(got) {
		t.Errorf("a job:\n%s", got)
	}
	if got := exec("noop"); !strings.Contains(got, "#1 C: NOOP\n") {
		t.Errorf("beside the session that a job has left:\n%s", got)
	}
	if got := exec("debug off", "get b &", "wait"); strings.Contains(got, "RETR") {
		t.Errorf("debug off:\n%s", got)
	}
	if err := e.Close(ctx); err != nil {
		t.Fatal(err)
	}
}
