package script

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorder notes operations as a report would.
type recorder struct {
	mu    sync.Mutex
	lines []string
	keys  map[string]int
	leave string // a verb that is left out
}

func (r *recorder) Begin(_ context.Context, op Op) (Course, error) {
	if op.Verb == r.leave {
		return LeaveOut, nil
	}
	return Proceed, nil
}

func (r *recorder) End(op Op, o Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := fmt.Sprintf("%d [%s] %v", op.Pos.Line, op.Path, op)
	if op.Try > 1 {
		line += fmt.Sprintf(" try %d", op.Try)
	}
	if op.Job > 0 {
		line += fmt.Sprintf(" job %d", op.Job)
	}
	if o.Reply != "" {
		line += " = " + o.Reply
	}
	for _, x := range o.Results {
		line += fmt.Sprintf(" (%s %d)", x.Kind, x.Bytes)
	}
	if o.Ignored {
		line += " ignored"
	}
	if o.Left {
		line += " left out"
	}
	r.lines = append(r.lines, line)
	if r.keys == nil {
		r.keys = map[string]int{}
	}
	r.keys[op.Key()]++
}

func TestRecorder(t *testing.T) {
	w := newWorld(t)
	r := &recorder{leave: "mkdir"}
	w.cfg.Recorder = r
	w.cfg.Env = func(string) (string, bool) { return "CANARY", true }
	w.server.password = "CANARY"
	w.local("a b", "four")
	err := w.run(`open ftp.test
user anna ${env:CODE_PASS}
set here-pass CANARY
set x "a b"
put ${x} -o ${x}.txt
mkdir d
-size none ${env:API_TOKEN}
-quote PASS CANARY
-quote NOOP ${env:PASSWD}
echo -- -${x} ${here-pass}
size none
`)
	if ExitCode(err) != 1 {
		t.Error(err)
	}
	want := []string{
		`1 [] open ftp.test = 220 ready`,
		`2 [] user anna **** = 230 in`,
		`3 [] set here-pass ****`,
		`4 [] set x "a b"`,
		`5 [] put "a b" -o "a b.txt" = 250 done (done 4)`,
		`6 [] mkdir d left out`,
		`7 [] size none **** = 550 No such file ignored`,
		`8 [] quote PASS **** = 230 in`,
		`9 [] quote NOOP ${env:PASSWD} = 200`,
		`10 [] echo -- -a b ****`,
		`11 [] size none = 550 No such file`,
	}
	for i := range want {
		if i >= len(r.lines) {
			t.Fatal(r.lines)
		}
		got, _, _ := strings.Cut(r.lines[i], " = 2")
		wanted, _, _ := strings.Cut(want[i], " = 2")
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Error(diff)
		}
	}
	if all := strings.Join(r.lines, "\n"); strings.Contains(all, "CANARY") {
		t.Error(all)
	}
	for key, n := range r.keys {
		if n > 1 || strings.Contains(key, "CANARY") {
			t.Errorf("%d × %s", n, key)
		}
	}
	if len(w.server.sent("MKD")) > 0 {
		t.Error("what was to be left out ran")
	}
}
