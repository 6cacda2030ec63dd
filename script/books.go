package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ferry/proto/list"
	"ferry/script/bulk"
	"ferry/script/report"
)

// Books are what a run keeps and tells besides running its lines. The zero
// value is a run that does neither.
type Books struct {
	Report    string        // file of the report; JUnit's form when it ends in .xml
	Events    io.Writer     // gets a line of JSON for everything that happens
	Log       io.Writer     // gets what is told, with times, quiet or not
	Journal   Journalling   // whether the run can be gone on with
	Unsure    Unsure        // what --resume does about what may or may not be done
	Deadline  time.Duration // of the whole run; 0 for none
	OnFailure []string      // command for the end of a run that failed
	Plan      PlanMode
	Totals    Totals // at the end
}

// Journalling says whether a run keeps a journal.
type Journalling int

const (
	NoJournal Journalling = iota
	KeepJournal
	Resume // and goes on where an earlier run broke off
)

// Unsure says what --resume does about a line of which nobody knows whether
// it was done.
type Unsure string

const (
	UnsureStop  Unsure = ""      // stop there and say so
	UnsureAgain Unsure = "again" // it was not: run it
	UnsureDone  Unsure = "done"  // it was
)

// Totals says whether a run ends with a line of sums.
type Totals bool

// watch stands around one run: the recorder of its lines, and what is done
// before the first and behind the last.
type watch struct {
	books Books
	cfg   Config
	file  string
	began time.Time

	ledger *ledger
	memory *memory // nil: no journal
	plan   *planner
	log    *logbook
	whole  bool                             // the run to go on with was done
	next   Recorder                         // the caller's; nil for none
	say    func(format string, args ...any) // nil until there is a session
}

// Hint tells how the run can be gone on with all the same.
func (e *UnsureError) Hint() string {
	return "look yourself; then --resume --unsure done goes on behind the line, and --unsure again runs it again"
}

// Hint tells what goes.
func (e *ResumeError) Hint() string { return "without --resume the run begins anew" }

// DeadlineError is a run that took longer than it may.
type DeadlineError struct{ After time.Duration }

func (e *DeadlineError) Error() string { return fmt.Sprintf("the run took longer than %v", e.After) }

// Is makes it a time limit that has passed, to whoever asks for that.
func (e *DeadlineError) Is(target error) bool { return target == context.DeadlineExceeded }

// Hint tells what goes.
func (*DeadlineError) Hint() string {
	return "what was done is in the journal: --resume goes on from there; a larger --deadline waits longer"
}

// newWatch prepares a run: it takes the lock, reads what an earlier run left,
// and replaces the report of the last one.
func newWatch(cfg Config, file string) (*watch, error) {
	w := &watch{books: cfg.Books, cfg: cfg, file: file, began: now(cfg), next: cfg.Recorder}
	w.log = newLogbook(cfg.Books.Log, func() time.Time { return now(cfg) })
	if w.books.Plan == PlanOnly {
		w.plan = newPlanner()
	} else if w.books.Journal != NoJournal {
		var err error
		w.memory, err = openMemory(cfg, file, w.began)
		switch {
		case err == nil:
		case errors.Is(err, errWhole):
			w.whole = true
		case w.books.Journal == KeepJournal && stateless(err, cfg.State):
			w.memory.tell(cfg, "ferry: no journal is kept, so this run can't be gone on with if it breaks off: %v\n", err)
			w.memory = nil
		default:
			return nil, err
		}
	}
	host, _ := os.Hostname() // it is a note for readers
	doc := report.New(shownFile(file), list.Printable(host), w.mode(), w.began)
	at := func() time.Time { return now(cfg) }
	w.ledger = &ledger{doc: doc, counted: w.books.Report == "", stream: report.NewStream(w.books.Events, at), now: at}
	if w.books.Events == nil {
		w.ledger.stream = nil
	}
	if !isDevice(w.books.Report) { // what reads from a pipe wants one document
		if err := w.write(); err != nil {
			return nil, errors.Join(err, w.memory.close(exitLocal))
		}
	}
	w.ledger.stream.Send(report.Event{Kind: report.RunBegins, Script: doc.Script, Mode: doc.Mode})
	return w, nil
}

// stateless reports whether there is no place for what a run remembers: a
// directory that can't be written is no reason not to do tonight's work.
func stateless(err error, dir string) bool {
	var at *fs.PathError
	return errors.As(err, &at) && dir != "" && (strings.HasPrefix(at.Path, dir) || strings.HasPrefix(dir, at.Path)) // it, or one above it
}

func now(cfg Config) time.Time {
	if cfg.Now != nil {
		return cfg.Now()
	}
	return time.Now()
}

func (w *watch) mode() report.Mode {
	switch {
	case w.books.Plan == PlanOnly:
		return report.Plan
	case w.cfg.Sandbox:
		return report.Sandbox
	}
	return report.Real
}

func shownFile(file string) string {
	if file == "-" {
		return "standard input"
	}
	return list.Printable(filepath.ToSlash(file))
}

func (w *watch) write() error {
	if w.books.Report == "" {
		return nil
	}
	if err := w.ledger.doc.WriteFile(w.books.Report); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// context bounds the run.
func (w *watch) context(ctx context.Context) (context.Context, context.CancelFunc) {
	if w.books.Deadline <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, w.books.Deadline, &DeadlineError{After: w.books.Deadline})
}

// attend tells the session of the run around it.
func (w *watch) attend(st *State) {
	w.say = st.say
	st.plan, st.log = w.plan, w.log
	if w.memory != nil && w.memory.past != nil {
		// The same names in what goes on as in what broke off.
		st.day = w.memory.past.Head.Began
	}
}

// end closes everything, and returns what the run ended with: err, or what
// went wrong with its books.
func (w *watch) end(ctx context.Context, err error) error {
	if err == nil && w.plan != nil {
		err = w.plan.result()
	}
	code := ExitCode(err)
	if jerr := w.memory.close(code); jerr != nil && err == nil {
		err = fmt.Errorf("journal: %w", jerr)
	}
	w.ledger.end(err, w.plan != nil)
	if w.books.Totals && w.say != nil {
		w.say("%s", w.totals(err))
	}
	if rerr := w.write(); rerr != nil {
		err = errors.Join(err, rerr)
	}
	if err != nil {
		PrintError(logged{w.log}, err)
	}
	if lerr := w.log.failed(); lerr != nil {
		err = errors.Join(err, fmt.Errorf("log: %w", lerr))
	}
	if serr := w.ledger.stream.Err(); serr != nil {
		err = errors.Join(err, fmt.Errorf("events: %w", serr))
	}
	return errors.Join(err, w.notify(ctx, err))
}

// totals is the run, which ended with err, in a line for people.
func (w *watch) totals(err error) string {
	switch failed := ExitCode(err) != exitDone && ExitCode(err) != exitPlan; {
	case w.plan == nil:
		return w.ledger.totals()
	case failed && w.plan.result() == nil:
		return "plan: a failure came before there was anything to do; nothing was changed"
	case failed:
		return "plan: up to a failure, " + w.plan.totals()
	}
	return "plan: " + w.plan.totals()
}

// Begin is what a line's effect, the plan and the journal say about running it.
func (w *watch) Begin(ctx context.Context, op Op) (Course, error) {
	w.ledger.begin(op)
	if w.next != nil {
		if course, err := w.next.Begin(ctx, op); err != nil || course == LeaveOut {
			return course, err
		}
	}
	switch {
	case w.plan != nil:
		return w.plan.begin(ctx, op)
	case w.memory != nil:
		return w.memory.begin(ctx, op)
	}
	return Proceed, nil
}

// End takes a line into the books.
func (w *watch) End(op Op, o Outcome) {
	if w.next != nil {
		w.next.End(op, o)
	}
	if w.memory != nil {
		w.memory.end(op, o)
	}
	var changes []string
	if w.plan != nil {
		changes = op.state.foreseen
	}
	w.ledger.line(op, o, changes)
}

// A fileRecorder is a Recorder that hears of every file, and may know that some
// need not be moved.
type fileRecorder interface {
	Remaining(ctx context.Context, op Op, p bulk.Plan) bulk.Plan
	File(op Op, e bulk.Event)
}

// Remaining is what is left to do of a plan.
func (w *watch) Remaining(ctx context.Context, op Op, p bulk.Plan) bulk.Plan {
	if w.memory == nil {
		return p
	}
	return w.memory.remaining(ctx, op, p)
}

// File takes a file into the books.
func (w *watch) File(op Op, e bulk.Event) {
	if w.memory != nil {
		w.memory.file(op, e)
	}
	w.ledger.file(op, e)
}
