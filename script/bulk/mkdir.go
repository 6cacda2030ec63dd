package bulk

import (
	"context"
	"os"
	"path"

	"ferry/proto"
)

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
