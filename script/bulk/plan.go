package bulk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ferry/proto"
)

// Action is what a plan does about one entry.
type Action string

const (
	Send    Action = "send"
	MakeDir Action = "mkdir"
	Leave   Action = "skip"
	Reject  Action = "reject" // can't be moved; Err says why
)

// Step is the decision about one entry.
type Step struct {
	Item      Item
	Direction Direction
	Action    Action
	Size      int64 // of the source; proto.NoSize when not known
	Time      time.Time
	Mode      fs.FileMode // of a local source
	Why       string      // of Leave
	Err       error       // of Reject

	exists bool // something stands at the target's name
	grow   bool // the target itself is to be continued
}

// Plan is what will be done, decided before anything is.
type Plan struct {
	Direction Direction // "" when it goes both ways
	Steps     []Step
	Files     int   // to send
	Bytes     int64 // to send, as far as known
}

func (p *Plan) add(s Step) {
	if s.Direction == "" {
		s.Direction = p.Direction
	}
	p.Steps = append(p.Steps, s)
	if s.Action == Send {
		p.Files++
		p.Bytes += max(s.Size, 0)
	}
}

func (p *Plan) reject(it Item, err error) {
	p.add(Step{Item: it, Action: Reject, Err: err, Size: proto.NoSize})
}

// ErrIsDir is a directory where only files are wanted.
var ErrIsDir = errors.New("is a directory")

// target is what stands at the name that an entry would get.
type target struct {
	exists bool
	dir    bool
	size   int64
	time   time.Time
	// precision of time, in which two times are the same
	precision time.Duration
}

// decide settles one file against what stands at its target.
func (e *Engine) decide(ctx context.Context, d Direction, s Step, t target) (Step, error) {
	if !t.exists {
		return s, nil
	}
	if t.dir {
		s.Action, s.Err = Reject, fmt.Errorf("%s: the target %w", e.targetName(d, s), ErrIsDir)
		return s, nil
	}
	s.exists = true
	policy := e.opts.Existing
	if policy == Ask {
		answer, err := e.ask(ctx, d, s, t)
		if err != nil {
			return s, err
		}
		policy = answer.Policy
	}
	switch policy {
	case Skip:
		return s.leave("it exists"), nil
	case Newer:
		if !newer(s.Time, t) {
			return s.leave("not newer than what is there"), nil
		}
	case Resume:
		return s.resume(t), nil
	case Rename:
		return e.rename(ctx, d, s)
	}
	return s, nil
}

func (s Step) leave(why string) Step {
	s.Action, s.Why = Leave, why
	return s
}

func (s Step) resume(t target) Step {
	switch {
	case s.Size == proto.NoSize || t.size == proto.NoSize:
		s.Action, s.Err = Reject, errors.New("can't resume: the size is not known on both sides")
	case t.size == s.Size:
		return s.leave("already whole")
	case t.size > s.Size:
		s.Action = Reject
		s.Err = fmt.Errorf("can't resume: the target has %d bytes, the source only %d", t.size, s.Size)
	default:
		s.grow = true
	}
	return s
}

// newer reports whether a source of this time replaces the target. Times that
// can't be told apart are the same; a time that is not known is newer, since a
// file that is sent once too often harms less than one that is never sent.
func newer(source time.Time, t target) bool {
	if source.IsZero() || t.time.IsZero() {
		return true
	}
	return source.Sub(t.time) >= max(t.precision, time.Second)
}

func (e *Engine) ask(ctx context.Context, d Direction, s Step, t target) (Answer, error) {
	if e.answer != nil {
		return *e.answer, nil
	}
	if e.opts.Ask == nil {
		return Answer{}, fmt.Errorf("%s exists and nobody is there to ask", e.targetName(d, s))
	}
	renamed, err := e.rename(ctx, d, s)
	if err != nil {
		return Answer{}, err
	}
	a, err := e.opts.Ask(ctx, Conflict{
		Item: s.Item, Direction: d, SourceSize: s.Size, SourceTime: s.Time,
		TargetSize: t.size, TargetTime: t.time, FreeName: e.targetName(d, renamed),
	})
	if err == nil && a.ForAll {
		e.answer = &a
	}
	return a, err
}

func (e *Engine) targetName(d Direction, s Step) string {
	if d == Down {
		return s.Item.Local
	}
	return s.Item.Remote
}

// maxFreeNames bounds the search for a name that nobody has.
const maxFreeNames = 1000

// rename gives the step's target a name that is free: report.txt becomes
// report-1.txt.
func (e *Engine) rename(ctx context.Context, d Direction, s Step) (Step, error) {
	old := e.targetName(d, s)
	ext := filepath.Ext(filepath.Base(old))
	if ext == filepath.Base(old) { // .profile has no extension
		ext = ""
	}
	stem := old[:len(old)-len(ext)]
	for i := 1; i <= maxFreeNames; i++ {
		name := fmt.Sprintf("%s-%d%s", stem, i, ext)
		free, err := e.free(ctx, d, name)
		if err != nil {
			return s, err
		}
		if free {
			if s.exists = false; d == Down {
				s.Item.Local = name
			} else {
				s.Item.Remote = name
			}
			return s, nil
		}
	}
	return s, fmt.Errorf("%s: no free name among %d", old, maxFreeNames)
}

func (e *Engine) free(ctx context.Context, d Direction, name string) (bool, error) {
	var err error
	if d == Down {
		_, err = os.Lstat(name)
	} else {
		_, err = e.client.Stat(ctx, name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return false, err
}
