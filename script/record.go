package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// A recording is a session on its way to becoming a script: what was typed and
// worked, as lines that ferry run takes. What was asked and answered becomes
// the flag or the name that makes the question needless, what failed a comment.
//
// SECURITY: no secret gets into it. Lines that log in are written anew, without
// their passwords; other lines with a secret in them are left out; and what
// holds a password of this session all the same is not written (see guard).
type recording struct {
	st      *State
	path    string
	began   time.Time
	parts   []part
	busy    bool // a line runs: those within it are not the person's
	heard   hearing
	secrets []string
	pinned  bool  // a pin was set for the connection that stands
	fault   error // why the file is not up to date
}

// part is what one typed command has become.
type part struct {
	lines []string
	job   *job // it runs beside: whether it fails shows later
	line  Line
}

// hearing is what was asked while a line ran.
type hearing struct {
	conflicts []answered
	names     []string // those of many that were chosen; nil: nobody chose
	declined  bool     // the answer was no: nothing was done
}

type answered struct {
	about  bulk.Conflict
	answer bulk.Answer
}

// witness notes answers for the recording.
type witness struct {
	Asker
	st *State
}

func (w witness) Secret(ctx context.Context, question string) (proto.Secret, error) {
	s, err := w.Asker.Secret(ctx, question)
	if r := w.st.recording; r != nil {
		r.learn(s.Reveal())
	}
	return s, err
}

func (w witness) Conflict(ctx context.Context, c bulk.Conflict) (bulk.Answer, error) {
	answer, err := w.Asker.Conflict(ctx, c)
	if r := w.st.recording; r != nil && err == nil {
		r.heard.conflicts = append(slices.DeleteFunc(r.heard.conflicts, func(x answered) bool {
			return x.about.Item == c.Item // a new name that was taken, too
		}), answered{about: c, answer: answer})
	}
	return answer, err
}

// chose notes which of many names were wanted.
func (r *recording) chose(all, wanted []match) {
	if r == nil || len(all) == len(wanted) {
		return
	}
	r.heard.declined = len(wanted) == 0
	r.heard.names = nil
	for _, m := range wanted {
		r.heard.names = append(r.heard.names, m.path)
	}
}

// refused notes that the answer was no.
func (r *recording) refused() {
	if r != nil {
		r.heard.declined = true
	}
}

// record begins to write a session down. A name that exists is not taken.
func (st *State) startRecording(path string) error {
	if st.recording != nil {
		return &StateError{What: "what is typed goes to " + st.recording.path + " already", Hint: "record off ends that"}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, recordMode)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	r := &recording{st: st, path: path, began: st.now()}
	st.recording = r
	r.learn(st.last.who.Pass.Reveal(), st.last.who.Account.Reveal())
	r.keep(part{lines: r.surroundings()})
	if r.fault != nil {
		st.recording = nil
	}
	return r.fault
}

// recordMode keeps to their owner the names of hosts and files that he has typed.
const recordMode = 0o600

// stop ends the recording and looks at the script as --check does.
func (r *recording) stop(ctx context.Context) error {
	r.save()
	r.st.recording = nil
	if r.fault != nil {
		return fmt.Errorf("%s is not whole: %w", r.path, r.fault)
	}
	if err := Check(ctx, Config{}, r.path); err != nil {
		return err
	}
	r.st.say("recorded in %s; `ferry run %s` does it again", r.path, QuoteWord(filepath.Base(r.path), 0))
	return nil
}

// follow runs a line and writes down what it has become.
func (r *recording) follow(ctx context.Context, l Line, run func(context.Context, Line) error) error {
	before := r.st.client
	r.busy, r.heard = true, hearing{}
	err := run(ctx, l)
	if r.st.recording != r { // it was `record off`
		return err
	}
	r.busy = false
	r.learn(r.st.last.who.Pass.Reveal(), r.st.last.who.Account.Reveal())
	if l.Raw == "" { // nobody has typed it
		return err
	}
	p := part{lines: r.become(l, err, r.st.client != before), line: l}
	if l.Async || l.Verb == "queue" {
		p.job = r.st.Jobs.latest()
	}
	r.keep(p)
	return err
}

// told notes what was answered to a job. Where the answers differ the last one
// counts: a job's lines are one.
func (r *recording) told(j *job, a bulk.Answer) {
	if r == nil {
		return
	}
	for i := range r.parts {
		p := &r.parts[i]
		v, err := r.st.verb(p.line.Verb)
		if p.job != j || err != nil || len(p.lines) != 1 || strings.Contains(p.lines[0], "--existing") || v.long("--existing") == nil {
			continue
		}
		p.lines = existing(v, p.line, p.lines, a.Policy)
	}
}

// learn remembers what must not be written. Very short ones stand in half of
// all names, and are kept out by the lines' own rules alone.
func (r *recording) learn(secrets ...string) {
	for _, s := range secrets {
		if len(s) >= leastSecret && s != guest("").Pass.Reveal() {
			r.secrets = append(r.secrets, s)
		}
	}
}

func (r *recording) keep(p part) {
	for i, text := range p.lines {
		p.lines[i] = r.guard(text)
	}
	if len(p.lines) > 0 && len(r.parts) < MaxRecorded {
		r.parts = append(r.parts, p)
	}
	r.save()
}

// guard is the last look at a line before it is written.
func (r *recording) guard(text string) string {
	for _, s := range r.secrets {
		if strings.Contains(text, s) {
			return "# a line with a secret was left out"
		}
	}
	if strings.ContainsAny(text, "\r\n\x00") || len(text) > MaxLine {
		return "# a line with a control character in a name was left out"
	}
	return text
}

// save writes the script anew, whole: what is on the disk runs at any time.
func (r *recording) save() {
	f, err := os.CreateTemp(filepath.Dir(r.path), ".ferry-*.record")
	if err == nil {
		_, err = io.WriteString(f, r.text())
		if err = errors.Join(err, f.Close()); err == nil {
			err = os.Rename(f.Name(), r.path)
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}
	if err != nil && r.fault == nil {
		r.st.warn("recording: %v", err)
	}
	r.fault = err
}

// text is the script as it stands.
func (r *recording) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Recorded by ferry on %s.\n", r.began.Format("2006-01-02 15:04"))
	b.WriteString("# Passwords are not in it: FERRY_PASSWORD, --password-file, --password-command or ~/.netrc give them.\n")
	for _, p := range r.parts {
		failed := ""
		if p.job != nil {
			failed = r.st.Jobs.failure(p.job)
		}
		for _, text := range p.lines {
			if failed != "" {
				text = "# " + text
			}
			b.WriteString(text + "\n")
		}
		if failed != "" {
			b.WriteString(r.guard("# failed: "+list.Printable(failed)) + "\n")
		}
	}
	return b.String()
}

// latest is the job that was made last; nil when it is gone.
func (js *Jobs) latest() *job {
	js.mu.Lock()
	defer js.mu.Unlock()
	if n := len(js.jobs); n > 0 {
		return js.jobs[n-1]
	}
	return nil
}

// failure is why a job has failed, "" if it hasn't.
func (js *Jobs) failure(j *job) string {
	js.mu.Lock()
	defer js.mu.Unlock()
	switch {
	case j.Err != nil:
		return j.Err.Error()
	case j.Status == Killed:
		return string(Killed)
	}
	return ""
}
