package bulk

import (
	"context"
	"errors"
	"os"

	"ferry/proto"
)

// Publish says when uploads get their names.
type Publish int

const (
	Each     Publish = iota // when they are whole
	Together                // when all of them are
)

// ErrUnpublished is an upload that is whole and has no name, since others are not.
var ErrUnpublished = errors.New("it has arrived, and was not given its name, since other files failed")

// publish gives all uploads their names, if all of them are whole: the first
// by itself, which shows whether the server really renames, the others in as
// few writes as it stands.
func (r *run) publish(ctx context.Context, lead *worker) {
	var whole []*task
	for _, t := range r.tasks {
		if t.whole && !t.ended {
			t.idle = 0 // of its upload
			whole = append(whole, t)
		}
	}
	if len(whole) == 0 {
		return
	}
	if r.anyFailed() || ctx.Err() != nil {
		for _, t := range whole {
			r.settle(ctx, t, ErrUnpublished)
		}
		return
	}
	first := whole[0]
	err := lead.persist(ctx, first, lead.publishOne)
	r.settle(ctx, first, err)
	if err != nil {
		for _, t := range whole[1:] {
			r.settle(ctx, t, ErrUnpublished)
		}
		return
	}
	r.publishRest(ctx, lead, whole[1:])
}

// publishOne gives one upload its name. When the connection was lost behind a
// rename nobody knows whether that was done: a temporary that is gone, and a
// file like it under its name, say so.
func (w *worker) publishOne(ctx context.Context, t *task) error {
	err := w.replace(ctx, t.temp, t.Step)
	if err != nil && t.unsure && fateOf(err) == permanent && !w.client.Broken() && w.published(ctx, t) {
		return nil
	}
	t.unsure = t.unsure || err != nil && fateOf(err) == transient
	return err
}

// published reports whether the target is what was sent.
func (w *worker) published(ctx context.Context, t *task) bool {
	if _, err := w.client.Stat(ctx, t.temp); err == nil || w.client.Broken() {
		return false
	}
	there, err := w.client.Stat(ctx, t.Item.Remote)
	if err != nil || there.Size != t.Size {
		return false
	}
	if algo, hashes := w.asks(); hashes && t.result.Hash != "" && string(algo) == t.result.Verified {
		sum, err := w.client.Hash(ctx, t.Item.Remote, algo, 0, 0)
		return err != nil || sum.Hex == t.result.Hash
	}
	return true
}

// publishRest sends all renames together. Those that got no answer, or not a
// good one, are done one by one.
func (r *run) publishRest(ctx context.Context, lead *worker, tasks []*task) {
	var cmds []proto.Command
	for _, t := range tasks {
		cmds = append(cmds, proto.Cmd("RNFR", t.temp), proto.Cmd("RNTO", t.Item.Remote))
	}
	var rest []*task
	answered := 0
	if !lead.client.Broken() && r.opts.Server.renaming() != renamesUnknown {
		answers, _ := lead.client.DoAll(ctx, cmds)
		for ; answered < len(answers)/2; answered++ {
			a, b := answers[2*answered], answers[2*answered+1]
			if t := tasks[answered]; errors.Join(a.Err, b.Err) != nil {
				t.unsure = true
				rest = append(rest, t)
			} else {
				r.settle(ctx, t, nil)
			}
		}
		for _, t := range tasks[answered:] {
			t.unsure = true
		}
	}
	for _, t := range append(rest, tasks[answered:]...) {
		r.settle(ctx, t, lead.persist(ctx, t, lead.publishOne))
	}
}

// marks reports whether the source of t may stay open until it is published,
// so that no other run arrives under its temporary name meanwhile. There are
// descriptors for so many; the others arrive under names that nobody can tell.
func (r *run) marks(t *task) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !t.marked && claims && r.marked < maxMarks {
		t.marked = true
		r.marked++
	}
	return t.marked
}

// letGo closes a source, or keeps it until its upload is published.
func (t *task) letGo(f *os.File) {
	if t.whole && t.marked && t.mark == nil {
		t.mark = f
		return
	}
	f.Close()
}
