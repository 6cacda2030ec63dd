package script

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script/bulk"
	"ferry/script/journal"
)

// memory is a run's journal, and what an earlier run's tells.
type memory struct {
	journal *journal.Journal
	past    *journal.Past // nil: the run begins anew
	unsure  Unsure

	mu       sync.Mutex
	unsynced map[string]bool // downloads that may not be on the disk yet
}

// doneBefore is why a file of an earlier run is not moved again.
const doneBefore = "an earlier run has moved it"

// UnsureError is a line of which nobody knows whether it was done.
type UnsureError struct{ What string }

func (e *UnsureError) Error() string {
	return e.What + ": the earlier run broke off in it; whether it was done can't be seen"
}

// ResumeError is a journal that this run can't go on with.
type ResumeError struct{ What string }

func (e *ResumeError) Error() string { return e.What }

// errWhole is a run that there is nothing to go on with: it was done.
var errWhole = errors.New("the run was done to its end: there is nothing to go on with")

// runsDir is where the journals of a state directory are.
func runsDir(state string) string { return filepath.Join(state, "runs") }

// openMemory takes the lock of a run and opens its journal.
func openMemory(cfg Config, file string, began time.Time) (*memory, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	text, err := readMain(file)
	if err != nil {
		return nil, err
	}
	host, _ := os.Hostname() // a state directory may be shared by machines
	key := journal.Key(append([]string{host, path, fmt.Sprint(cfg.Sandbox)}, cfg.Args...)...)
	j, err := journal.Lock(runsDir(cfg.State), key, shownFile(file), func() time.Time { return now(cfg) })
	if err != nil {
		return nil, err
	}
	_ = journal.Sweep(runsDir(cfg.State), now(cfg)) // the next run sweeps what this one can't
	m := &memory{journal: j, unsure: cfg.Books.Unsure, unsynced: map[string]bool{}}
	head := journal.Head{Script: journal.Name(path), Sum: journal.Sum(text), Began: began}
	if err := m.start(cfg, head); err != nil {
		return nil, errors.Join(err, j.Release())
	}
	return m, nil
}

// start begins the journal, or goes on with the one that is there.
func (m *memory) start(cfg Config, head journal.Head) error {
	past, err := m.journal.Past()
	if cfg.Books.Journal != Resume {
		if err == nil && past != nil && !past.Nothing() && !past.Whole() {
			m.tell(cfg, "ferry: a run that began %s broke off; this one begins anew (--resume goes on with it)\n", past.Head.Began.Format(time.DateTime))
		}
		dropTemps(past, "")
		return m.journal.Begin(head)
	}
	switch {
	case err != nil:
		return &ResumeError{What: err.Error()}
	case past == nil:
		return m.journal.Begin(head)
	case past.Head.Sum != head.Sum:
		return &ResumeError{What: "the script has changed since the run that broke off"}
	}
	if m.past = past; past.Whole() {
		return errWhole
	}
	dropTemps(past, tempKey(0))
	return m.journal.Continue(past)
}

func (m *memory) tell(cfg Config, format string, args ...any) {
	if cfg.Err != nil {
		fmt.Fprintf(cfg.Err, format, args...)
	}
}

// key is what a line is called in the journal: the same in every run.
func (m *memory) key(op Op) string {
	key := op.Key()
	if op.state.temp != "" {
		key = strings.ReplaceAll(key, op.state.temp, "${temp}")
	}
	return key
}

// earlier is what the journal has of a line; nil for nothing.
func (m *memory) earlier(op Op) *journal.Line {
	if m.past == nil {
		return nil
	}
	return m.past.Lines[m.key(op)]
}

// begin decides about a line, and notes that it begins.
func (m *memory) begin(ctx context.Context, op Op) (Course, error) {
	effect := op.effect()
	if effect == Session || op.state.ending != nil { // at-end is for every end
		return Proceed, nil
	}
	if l := m.earlier(op); l != nil {
		if err := m.sameSite(l, op); err != nil {
			return LeaveOut, err
		}
		course, err := m.goOn(ctx, op, effect, l)
		if err != nil || course == LeaveOut {
			return course, err
		}
	}
	r := journal.Record{Kind: journal.Begin, ID: m.key(op), Site: op.site}
	if effect != OnlyOnce && effect != Again {
		return Proceed, m.journal.Append(r, journal.Grouped)
	}
	r.Changes = true
	return Proceed, m.beginChange(ctx, op, effect, r)
}

// beginChange notes a line that changes something. What may only be done once
// is on the disk before it happens, and so is what was downloaded before it: it
// may be about to delete the source.
func (m *memory) beginChange(ctx context.Context, op Op, effect Effect, r journal.Record) error {
	v := op.Args.Verb
	if v.Before != nil {
		if err := op.state.ready(ctx, v.Needs); err != nil {
			return err
		}
		var err error
		if r.Size, err = v.Before(ctx, op.state, op.Args); err != nil {
			return err
		}
	}
	if effect == Again {
		return m.journal.Append(r, journal.Grouped)
	}
	if err := m.syncDownloads(); err != nil {
		return err
	}
	return m.journal.Append(r, journal.Durable)
}

// sameSite refuses to believe of one server what was done at another.
func (m *memory) sameSite(l *journal.Line, op Op) error {
	if l.Site == "" || l.Site == op.site {
		return nil
	}
	return &ResumeError{What: fmt.Sprintf("the run that broke off did this at %s, and this one is at %s", list.Printable(l.Site), list.Printable(op.site))}
}

// goOn decides about a line that an earlier run has begun.
func (m *memory) goOn(ctx context.Context, op Op, effect Effect, l *journal.Line) (Course, error) {
	switch {
	case l.Done && effect == Moves:
		return m.trust(op, l), nil
	case l.Done:
		op.state.say("%s: done before", op.Verb)
		return LeaveOut, nil
	case l.Begun == nil || effect != OnlyOnce && effect != Again:
		return Proceed, nil
	}
	return m.settle(ctx, op, effect, *l.Begun)
}

// settle finds out whether a change that was begun is done.
func (m *memory) settle(ctx context.Context, op Op, effect Effect, begun journal.Record) (Course, error) {
	v := op.Args.Verb
	if v.Settle != nil {
		if err := op.state.ready(ctx, v.Needs); err != nil {
			return LeaveOut, err
		}
		done, err := v.Settle(ctx, op.state, op.args, begun.Size)
		if err == nil && done {
			op.state.say("%s: done before, as can be seen", op.Verb)
			return LeaveOut, m.journal.Append(journal.Record{Kind: journal.Done, ID: m.key(op)}, journal.Durable)
		}
		if unsure := (*UnsureError)(nil); !errors.As(err, &unsure) {
			return Proceed, err
		}
	}
	switch {
	case effect == Again || m.unsure == UnsureAgain:
		return Proceed, nil
	case m.unsure == UnsureDone:
		return LeaveOut, m.journal.Append(journal.Record{Kind: journal.Done, ID: m.key(op)}, journal.Durable)
	}
	return LeaveOut, &UnsureError{What: op.String()}
}

// trust decides about a line whose files were all moved. What the script may
// have changed since can't be compared; of the rest, uploads are looked at by
// the plan that the line makes, and downloads here.
func (m *memory) trust(op Op, l *journal.Line) Course {
	for _, f := range l.Files {
		if f.Number < m.past.Changed {
			continue
		}
		info, err := os.Stat(string(f.Local))
		switch {
		case bulk.Direction(f.Way) == bulk.Up && err == nil:
			return Proceed
		case bulk.Direction(f.Way) == bulk.Down && (err != nil || info.Size() != f.Size):
			op.state.say("%s: %s is not what the earlier run had fetched", op.Verb, f.Local)
			return Proceed
		}
	}
	op.state.say("%s: done before", op.Verb)
	return LeaveOut
}

// remaining takes out of a plan what an earlier run has moved, after comparing.
func (m *memory) remaining(ctx context.Context, op Op, p bulk.Plan) bulk.Plan {
	l := m.earlier(op)
	if l == nil {
		return p
	}
	moved := map[journal.Name]journal.Record{}
	for _, f := range l.Files {
		moved[m.source(bulk.Direction(f.Way), string(f.Local), string(f.Remote))] = f
	}
	for i, s := range p.Steps {
		p.Steps[i].Begun = true
		if s.Action != bulk.Send {
			continue
		}
		f, ok := moved[m.source(s.Direction, s.Item.Local, s.Item.Remote)]
		if ok && m.stands(s.Direction, s, f) || !ok && l.Begun != nil && whole(ctx, op.state.client, s) {
			p.Leave(i, doneBefore)
		}
	}
	return p
}

func (m *memory) source(d bulk.Direction, local, remote string) journal.Name {
	if d == bulk.Up {
		return journal.Name(local)
	}
	return journal.Name(remote)
}

// stands reports whether a file that was moved still counts: its source is the
// same, and so is what stands at its target. An upload that is no longer there
// was taken: it is not sent twice.
func (m *memory) stands(d bulk.Direction, s bulk.Step, f journal.Record) bool {
	if f.Number < m.past.Changed {
		return true
	}
	if d == bulk.Up {
		same := s.Size == f.Size && s.Time.Equal(f.Time)
		return same && (!s.There.Exists || s.There.Size == s.Size)
	}
	return s.There.Exists && s.There.Size == f.Size && (s.Time.IsZero() || s.Time.Equal(f.Time))
}

// whole reports whether an upload that is not recorded is there all the same:
// the run may have died between its last rename and the record of it. The time
// tells, and where that is another one the checksum.
func whole(ctx context.Context, c *client.Client, s bulk.Step) bool {
	t := s.There
	if s.Direction != bulk.Up || !t.Exists || t.Size != s.Size {
		return false
	}
	if !t.Time.IsZero() && t.Time.Equal(s.Time.Truncate(time.Second)) {
		return true
	}
	if !slices.Contains(c.HashAlgos(), client.SHA256) {
		return false
	}
	there, err := c.Hash(ctx, s.Item.Remote, client.SHA256, 0, 0)
	if err != nil {
		return false
	}
	here, err := sha256Of(s.Item.Local)
	return err == nil && here == there.Hex
}

func sha256Of(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

// file notes a file that has its name at its target.
func (m *memory) file(op Op, e bulk.Event) {
	if e.Kind != bulk.Done || e.Result == nil {
		return
	}
	r := e.Result
	f := journal.Record{
		Kind: journal.File, ID: m.key(op), Site: op.site, Way: journal.Direction(r.Direction),
		Local: journal.Name(r.Item.Local), Remote: journal.Name(r.Item.Remote), Size: r.Size, Time: r.Time, Hash: r.Hash,
	}
	if r.Direction == bulk.Down {
		if info, err := os.Stat(r.Item.Local); err == nil {
			f.Size = info.Size() // text has other line ends here
		}
		m.mu.Lock()
		m.unsynced[r.Item.Local] = true
		m.mu.Unlock()
	}
	_ = m.journal.Append(f, journal.Grouped) // Close tells of it
}

// end notes what became of a line.
func (m *memory) end(op Op, o Outcome) {
	effect := op.effect()
	if effect == Session || o.Left || op.state.ending != nil {
		return
	}
	r, d := journal.Record{Kind: journal.Done, ID: m.key(op), Site: op.site}, journal.Grouped
	switch {
	case o.Err != nil && !o.Ignored && undecided(o.Err):
		return // it stays begun
	case o.Err != nil && !o.Ignored:
		r.Kind = journal.Failed
	case effect == OnlyOnce:
		d = journal.Durable
	}
	_ = m.journal.Append(r, d) // Close tells of it
}

// syncDownloads sees to the disk what has been downloaded since the last time.
func (m *memory) syncDownloads() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name := range m.unsynced {
		if err := syncFile(name); err != nil {
			return err
		}
	}
	clear(m.unsynced)
	return nil
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil // somebody has taken it
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// undecided reports whether a failure leaves open what the server has done.
func undecided(err error) bool { return connectionLost(err) || interruption(err) }

func connectionLost(err error) bool {
	var (
		lost *client.LostError
		late *client.TimeoutError
	)
	return errors.As(err, &lost) || errors.As(err, &late)
}

// close ends the journal of a run that ended with code.
func (m *memory) close(code int) error {
	if m == nil {
		return nil
	}
	if code == 0 {
		dropTemps(m.past, "") // of lines that were left out
	}
	return m.journal.Close(code)
}
