package script

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"ferry/proto/list"
	"ferry/script/bulk"
)

// An Op is one execution of one line that does something itself: what a
// journal remembers, a report tells and a plan lists. Lines that only run
// others (if, for, retry, def and their like) are none.
type Op struct {
	Pos   Pos
	Path  string   // how the run came to the line: turns of loops and calls around it, "" at the top
	Verb  string   // the verb's own name, not an alias
	Words []string // after substitution, flags among them; secrets are stars; of verbs that take their line raw one text
	Job   int      // which job it belongs to, 0 for the foreground
	Try   int      // from 1, more under retry
	Args  Args     // what the verb gets. SECURITY: it holds secrets, unlike Words
	state *State
	args  *Args  // Args, for those who may change them
	site  string // user@host:port
	out   Output // where what it prints goes
}

// Key names the operation: it is the same in every run of the same script
// with the same arguments, and no two operations of a run share one, unless
// one is another try of the other.
func (o Op) Key() string {
	return fmt.Sprintf("%s:%d:%d|%s|%s|%q", o.Pos.File, o.Pos.Line, o.Pos.Col, o.Path, o.Verb, o.Words)
}

// String is the operation as people read it: verb and words.
func (o Op) String() string {
	parts := []string{o.Verb}
	for _, w := range o.Words {
		if o.Args.Verb.Takes != Rest && w != stars && w[:min(1, len(w))] != "-" {
			w = QuoteWord(w, 0)
		}
		parts = append(parts, w)
	}
	return list.Printable(strings.Join(parts, " "))
}

// Outcome is what became of an operation.
type Outcome struct {
	Err     error         // nil when it is done
	Ignored bool          // it failed, and "-" stood before it
	Left    bool          // Begin said LeaveOut
	Reply   string        // the server's last words meanwhile, as they came; "" for none
	Results []bulk.Result // of its transfers, file by file
	Took    time.Duration
}

// Course is what a Recorder wants of an operation.
type Course int

const (
	Proceed  Course = iota
	LeaveOut        // it counts as done
)

// A Recorder is told of every operation. Jobs tell of theirs at the same time,
// so it must stand that.
type Recorder interface {
	// Begin comes before the verb runs. An error fails the line in its place.
	Begin(ctx context.Context, op Op) (Course, error)
	// End comes behind it, also when Begin has left it out or failed.
	End(op Op, o Outcome)
}

// tally is what Outcome needs to know of the line that runs.
type tally struct {
	reply   atomic.Pointer[string] // set where replies are read, beside the verb
	results []bulk.Result
}

func (t *tally) clear() {
	t.reply.Store(nil)
	t.results = nil
}

// tallied keeps what became of files, where somebody wants to know.
func (st *State) tallied(results ...bulk.Result) {
	if st.cfg.Recorder != nil {
		st.tally.results = append(st.tally.results, results...)
	}
}

func (t *tally) heard() string {
	if s := t.reply.Load(); s != nil {
		return *s
	}
	return ""
}

// record runs a verb between Begin and End.
func (st *State) record(ctx context.Context, v *Verb, l Line, a Args, run func(Args) error) error {
	r := st.cfg.Recorder
	if r == nil {
		return run(a)
	}
	op := st.newOp(v, l, &a)
	st.op = op
	st.tally.clear()
	began := st.now()
	course, err := r.Begin(ctx, op)
	if err == nil && course == Proceed {
		err = run(a)
	}
	if st.plan != nil {
		err = st.plan.judge(op, err)
	}
	r.End(op, Outcome{
		Err: err, Ignored: err != nil && l.Has(Ignore), Left: course == LeaveOut,
		Reply: st.tally.heard(), Results: st.tally.results, Took: st.now().Sub(began),
	})
	return err
}

// newOp is the operation that a line is now.
func (st *State) newOp(v *Verb, l Line, a *Args) Op {
	return Op{
		Pos: l.Pos, Path: strings.Join(st.path, " "), Verb: v.Name, Words: st.shownGiven(v, l, *a),
		Job: st.job, Try: st.try + 1, Args: *a,
		state: st, args: a, site: st.address(), out: l.Output,
	}
}

// address is user@host:port, as far as it is known.
func (st *State) address() string {
	user := st.site.User
	if st.client == nil {
		return ""
	}
	if user == "" && st.pending != nil {
		user = st.pending.User
	}
	return user + "@" + st.site.Host + ":" + st.site.Port
}

// shownGiven are the words of a call as they may be kept.
//
// SECURITY: stars stand for what the verb's table calls a secret, and for what
// came out of a variable whose name promises one.
func (st *State) shownGiven(v *Verb, l Line, a Args) []string {
	if v.Takes == Rest {
		return st.shownRestGiven(v, l)
	}
	shown, _ := v.shownWords(a.given)
	for i, w := range a.given {
		if w.secret {
			shown[i] = stars
		}
	}
	return shown
}

func (st *State) shownRestGiven(v *Verb, l Line) []string {
	rest := l
	if v.Args[0].Kind != Shell { // variables reach commands as their environment
		if w, err := st.expand(Bare(l.Rest)); err == nil && !w.secret {
			rest.Rest = w.Text
		}
	}
	rest.Raw = l.Verb + " " + rest.Rest
	_, shown, _ := strings.Cut(st.table.shownRest(v, rest), " ")
	return []string{strings.TrimSpace(shown)}
}
