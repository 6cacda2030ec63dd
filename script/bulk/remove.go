package bulk

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"ferry/proto"
)

// remove carries out deletions, in their order: what is in a directory comes
// before it. At the server many go in one write.
func (r *run) remove(ctx context.Context, lead *worker, tasks []*task) {
	var up, down []*task
	for _, t := range tasks {
		if t.Direction == Up {
			up = append(up, t)
		} else {
			down = append(down, t)
		}
	}
	r.removeAt(ctx, lead, down)
	r.removeAt(ctx, lead, up)
}

// removeAt is remove at one end.
func (r *run) removeAt(ctx context.Context, lead *worker, tasks []*task) {
	if len(tasks) == 0 || r.over() || ctx.Err() != nil {
		return
	}
	done := 0
	if tasks[0].Direction == Up {
		done = r.removeMany(ctx, lead, tasks)
	}
	for _, t := range tasks[done:] {
		if r.over() || ctx.Err() != nil {
			return
		}
		r.settle(ctx, t, lead.persist(ctx, t, lead.removeOne))
	}
}

// removeMany sends all deletions, and reports how many were answered. What was
// not may or may not have been carried out.
func (r *run) removeMany(ctx context.Context, lead *worker, tasks []*task) int {
	cmds := make([]proto.Command, len(tasks))
	for i, t := range tasks {
		cmds[i] = removal(t)
	}
	if lead.client.Broken() {
		return 0
	}
	answers, _ := lead.client.DoAll(ctx, cmds)
	for i, a := range answers {
		r.settle(ctx, tasks[i], a.Err)
	}
	return len(answers)
}

func removal(t *task) proto.Command {
	if t.Action == RemoveDir {
		return onName("RMD", t.Item.Remote)
	}
	return onName("DELE", t.Item.Remote)
}

// onName is a command about one name, for DoAll.
func onName(verb, name string) proto.Command {
	if strings.HasPrefix(name, " ") { // many servers drop blanks behind the verb
		name = "./" + name
	}
	return proto.Cmd(verb, name)
}

// removeOne removes one entry. One that is gone already is what is wanted: an
// earlier attempt may have done it, and lost the answer.
func (w *worker) removeOne(ctx context.Context, t *task) error {
	if t.Direction == Down {
		err := os.Remove(t.Item.Local)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	_, err := w.client.Do(ctx, removal(t))
	if err == nil || w.client.Broken() {
		return err
	}
	if _, serr := w.client.Stat(ctx, t.Item.Remote); errors.Is(serr, fs.ErrNotExist) {
		return nil
	}
	return err
}
