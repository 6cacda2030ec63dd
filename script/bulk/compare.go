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
	"ferry/proto/list"
)

// target is what stands at the name that an entry would get.
type target struct {
	exists bool
	dir    bool
	size   int64
	time   time.Time
	// precision of time, in which two times are the same
	precision time.Duration
	perm      fs.FileMode // of a remote file, 0 when not known
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
	s.exists, s.There = true, There{Exists: true, Size: t.size, Time: t.time, Mode: t.perm}
	policy := e.opts.Existing
	for policy == Ask {
		answer, err := e.ask(ctx, d, s, t)
		if err != nil {
			return s, err
		}
		if policy = answer.Policy; policy == Rename && answer.Name != "" {
			switch free, err := e.free(ctx, d, answer.Name); {
			case err != nil:
				return s, err
			case free:
				return s.named(d, answer.Name), nil
			}
			e.answer, policy = nil, Ask // somebody has that name too
		}
	}
	switch policy {
	case Skip:
		return s.leave("it exists"), nil
	case Newer:
		if !newer(s.Time, t) {
			return s.leave("not newer than what is there").unchanged(), nil
		}
	case NewerOrSize:
		if !newer(s.Time, t) && s.Size == t.size {
			return s.leave("the same size, and not newer than what is there").unchanged(), nil
		}
	case Checksum:
		return e.compareSums(ctx, d, s, t)
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

func (s Step) unchanged() Step {
	s.same = true
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
		s.Err = fmt.Errorf("can't resume: the target has %s, the source only %s", list.Bytes(t.size), list.Bytes(s.Size))
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

// named is a step whose target has got another name, which is free.
func (s Step) named(d Direction, name string) Step {
	s.renamed, s.exists = true, false
	if d == Down {
		s.Item.Local = name
	} else {
		s.Item.Remote = name
	}
	return s
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
			return s.named(d, name), nil
		}
	}
	return s, fmt.Errorf("%s: no free name among %d", old, maxFreeNames)
}

// free reports whether nobody has a name, and nobody will have it when the
// plan is done.
func (e *Engine) free(ctx context.Context, d Direction, name string) (bool, error) {
	if e.taken != nil && e.taken(d, name) {
		return false, nil
	}
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

// compareSums sends what differs in content. Sizes are looked at first: they
// cost nothing.
func (e *Engine) compareSums(ctx context.Context, d Direction, s Step, t target) (Step, error) {
	if s.Size != t.size && s.Size != proto.NoSize && t.size != proto.NoSize {
		return s, nil
	}
	w := e.planning(Retry{})
	algo, ok := w.hashAlgo()
	if !ok {
		return s, fmt.Errorf("%s: %w", s.Item.Remote, ErrNoHash)
	}
	there, err := e.client.Hash(ctx, s.Item.Remote, algo, 0, 0)
	if err != nil {
		return s, fmt.Errorf("checksum: %w", err)
	}
	here, err := hashFile(s.Item.Local, algo)
	switch {
	case err != nil:
		return s, err
	case here != there.Hex:
		return s, nil
	case e.opts.Times == KeepTimes && differ(s.Time, t):
		s.Action = SetTime
		return s, nil
	}
	return s.leave("the same content").unchanged(), nil
}

// differ reports whether two times are known and not the same.
func differ(source time.Time, t target) bool {
	return !source.IsZero() && !t.time.IsZero() && source.Sub(t.time).Abs() >= max(t.precision, time.Second)
}
