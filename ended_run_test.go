//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ferry/script/journal"
	"ferry/script/report"
)

// A run that a signal, a deadline or a kill ends in the middle of a transfer,
// with every server: nothing half-written has the name, the code says what
// ended it, the books are closed where there was time for that, and --resume
// brings the run to its end.
func TestEndedRuns(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		for _, how := range []struct {
			name   string
			signal syscall.Signal
			flags  []string
			code   int
		}{
			{"SIGINT", syscall.SIGINT, nil, 130},
			{"SIGTERM", syscall.SIGTERM, nil, 143},
			{"SIGKILL", syscall.SIGKILL, nil, -1},
			{"deadline", 0, []string{"--deadline", "1s"}, 8},
		} {
			verbs := []string{"put", "get"}
			if strings.HasSuffix(t.Name(), "ferry") {
				verbs = append(verbs, "put --segments 4", "get --segments 4")
			}
			for _, verb := range verbs {
				if !strings.HasSuffix(t.Name(), "ferry") && (verb == "get" || how.code == 130 || how.code == 8) && scale(1, 0) == 0 {
					continue // of what the server can't know, ferry's is enough
				}
				t.Run(how.name+" "+verb, func(t *testing.T) {
					t.Parallel()
					endedRun(t, s, verb, how.signal, how.flags, how.code)
				})
			}
		}
	})
}

func endedRun(t *testing.T, s server, verb string, signal syscall.Signal, flags []string, code int) {
	here, home := t.TempDir(), t.TempDir()
	from, to := here, s.dir
	if strings.HasPrefix(verb, "get") {
		from, to = s.dir, here
	}
	big := strings.ReplaceAll(fmt.Sprintf("big-%s-%d", verb, code), " ", "-")
	bigFile(t, filepath.Join(from, big), 8<<20)
	if err := os.Chmod(filepath.Join(from, big), 0o644); err != nil {
		t.Fatal(err)
	}
	out, events := filepath.Join(home, "out.json"), filepath.Join(home, "events")
	script := writeFile(t, filepath.Join(home, "s.ftp"), fmt.Sprintf("at-end; echo ended with ${status}; end\nopen %s\nlcd %q\nset rate ${1}\n%s %s\n", s.url, here, verb, big))
	run := func(flags ...string) (text string, exit int) {
		cmd := command(t, program, append(append([]string{"run", "--report", out, "--events", events}, flags...), script, "4M")...)
		cmd.Env = append(unset(os.Environ(), "FERRY_PASSWORD"), "FERRY_PASSWORD=secret", "HOME="+home, "XDG_STATE_HOME="+home)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if signal != 0 && len(flags) == 0 {
			waitFor(t, "bytes under way", func() bool {
				text, _ := os.ReadFile(events)
				return bytes.Contains(text, []byte(`"event":"progress"`))
			})
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
		}
		_ = cmd.Wait()
		return said.String(), cmd.ProcessState.ExitCode()
	}
	text, exit := run(flags...)
	if exit != code {
		t.Fatalf("exit code %d, not %d\n%s", exit, code, text)
	}
	if _, err := os.Stat(filepath.Join(to, big)); err == nil {
		t.Error("half a file has its name")
	}
	if signal != syscall.SIGKILL {
		closedBooks(t, home, out, events, code)
		if want := fmt.Sprintf("ended with %d\n", code); !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if text, exit := run("--resume"); exit != 0 {
		t.Fatalf("--resume: exit code %d\n%s", exit, text)
	}
	if digest(t, filepath.Join(to, big)) != digest(t, filepath.Join(from, big)) {
		t.Error("the file is another")
	}
}

// closedBooks looks at what a run that was told to end has left.
func closedBooks(t *testing.T, home, out, events string, code int) {
	t.Helper()
	var doc report.Report
	text, err := os.ReadFile(out)
	if err != nil || json.Unmarshal(text, &doc) != nil {
		t.Fatal(err)
	}
	if doc.Summary.Status != report.Interrupted || doc.Summary.Exit != code {
		t.Errorf("the report says %+v", doc.Summary)
	}
	lines, err := os.ReadFile(events)
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.Split(strings.TrimSpace(string(lines)), "\n")
	var last report.Event
	if json.Unmarshal([]byte(whole[len(whole)-1]), &last) != nil || last.Kind != report.RunEnds {
		t.Errorf("the last event is %q", whole[len(whole)-1])
	}
	names, _ := filepath.Glob(filepath.Join(home, "ferry", "runs", "*.journal"))
	if len(names) != 1 {
		t.Fatal(names)
	}
	f, err := os.Open(names[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	past, err := journal.Read(f)
	if err != nil || past.Torn || past.Whole() {
		t.Errorf("the journal: %+v, %v", past, err)
	}
	if raw, err := os.ReadFile(names[0]); err != nil || !strings.Contains(string(raw), `"end"`) {
		t.Errorf("the journal was not closed: %s, %v", raw, err)
	}
}
