package bulk

import (
	"context"
	"os"
	"path"

	"ferry/proto"
)

// makeDirs makes all directories, those at the server in as few writes as it
// stands: it makes one after the other, and what is in another comes behind it.
func (r *run) makeDirs(ctx context.Context, lead *worker, tasks []*task) {
	var there []*task
	for _, t := range tasks {
		if t.Direction == Up {
			there = append(there, t)
		}
	}
	if len(there) > 1 && !lead.client.Broken() && !r.over() {
		cmds := make([]proto.Command, len(there))
		for i, t := range there {
			cmds[i] = onName("MKD", t.Item.Remote)
		}
		answers, _ := lead.client.DoAll(ctx, cmds)
		for i, a := range answers {
			there[i].ended = a.Err == nil && a.Reply.Code.Class() == proto.Done
		}
	}
	for _, t := range tasks { // what is left has a question
		if t.ended || r.over() || ctx.Err() != nil {
			continue
		}
		if err := lead.persist(ctx, t, lead.makeDir); err != nil {
			r.settle(ctx, t, err)
			continue
		}
		t.ended = true // nothing to report
	}
}

// makeDir makes a directory at the target's end. One that is there is fine.
func (w *worker) makeDir(ctx context.Context, t *task) error {
	if t.Direction == Down {
		return os.MkdirAll(t.Item.Local, 0o777)
	}
	return w.makeRemoteDir(ctx, t.Item.Remote, t.parents)
}

func (w *worker) makeRemoteDir(ctx context.Context, dir string, parents bool) error {
	_, err := w.client.MakeDir(ctx, dir)
	if err == nil || w.client.Broken() {
		return err
	}
	entry, serr := w.client.Stat(ctx, dir)
	if serr == nil && (entry.Kind == proto.Directory || entry.Kind == proto.CurrentDir) {
		return nil
	}
	up := path.Dir(dir)
	if serr == nil || !parents || up == "." || up == "/" || up == dir || fateOf(err) != permanent {
		return err
	}
	if perr := w.makeRemoteDir(ctx, up, parents); perr != nil {
		return err
	}
	_, err = w.client.MakeDir(ctx, dir)
	return err
}
