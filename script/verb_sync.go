package script

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"ferry/script/bulk"
)

// ClashError is a sync that left files alone, since both ends have changed them.
type ClashError struct{ Paths []string }

func (e *ClashError) Error() string {
	return fmt.Sprintf("%d changed at both ends, and left alone: %s", len(e.Paths), strings.Join(e.Paths[:min(len(e.Paths), maxShownNames)], ", "))
}

// Hint says who may decide.
func (e *ClashError) Hint() string { return "--prefer local, remote or newer decides" }

// syncFlags are those of treeFlags that have a meaning both ways.
func syncFlags() []Flag {
	flags := []Flag{{Name: "--prefer", Long: "--prefer", Arg: "END", Brief: "what changed at both: local, remote or newer wins"}}
	for _, f := range treeFlags() {
		switch f.Long {
		case "--delete", "--newer", "--checksum":
		default:
			flags = append(flags, f)
		}
	}
	return flags
}

// syncTrees brings what has changed at either end of two trees to the other.
func syncTrees(ctx context.Context, st *State, a Args) error {
	o, err := st.treeOptions(a)
	if err != nil {
		return err
	}
	prefer, ok := map[string]bulk.Prefer{"": bulk.PreferNeither, "local": bulk.PreferLocal, "remote": bulk.PreferRemote, "newer": bulk.PreferNewer}[a.Value("--prefer")]
	if !ok {
		return &CallError{Verb: a.Verb, What: "--prefer is local, remote or newer"}
	}
	it := bulk.Item{Local: st.Local(a.Text(0)), Remote: st.remote(orDot(a.Text(1)))}
	if a.Text(1) == "" {
		it.Remote = st.remote(remoteName(a.Text(0), it.Local))
	}
	file, err := st.syncFile(ctx, it)
	if err != nil {
		return err
	}
	base, err := readBase(file)
	if err != nil {
		return err
	}
	e := bulk.New(st.client, o)
	defer st.adopt(e)
	s, err := e.PlanSync(ctx, it, base, prefer)
	if err != nil {
		return err
	}
	if a.Flag("--dry-run") {
		return errors.Join(st.showPlan(s.Plan, a), clashes(s))
	}
	return st.sync(ctx, e, s, file)
}

// sync carries out and remembers. What failed is remembered as not done.
func (st *State) sync(ctx context.Context, e *bulk.Engine, s *bulk.Sync, file string) error {
	if st.plan != nil {
		return st.plan.transfer(ctx, st.op, s.Plan)
	}
	report, err := e.Do(ctx, s.Plan)
	st.tally.results = append(st.tally.results, report.Results...)
	if len(report.Results) > 1 && st.cfg.Events == nil {
		st.say("%s", total(report))
	}
	base, rerr := e.Remember(context.WithoutCancel(ctx), s, report)
	rerr = errors.Join(rerr, writeBase(file, base))
	for _, r := range report.Results {
		if r.Err != nil && err != nil {
			return st.ofFile(r.Direction, r.Item, err)
		}
	}
	return errors.Join(err, rerr, clashes(s))
}

func clashes(s *bulk.Sync) error {
	if len(s.Clashes) == 0 {
		return nil
	}
	return &ClashError{Paths: s.Clashes}
}

// syncFile is where what two trees have in common is remembered; "" where
// nothing is remembered, and then nothing is ever deleted.
func (st *State) syncFile(ctx context.Context, it bulk.Item) (string, error) {
	if st.cfg.State == "" {
		st.warn("nothing is remembered of this sync, so deletions are not followed")
		return "", nil
	}
	remote := it.Remote
	if !strings.HasPrefix(remote, "/") {
		dir, err := st.Where(ctx)
		if err != nil {
			return "", err
		}
		remote = path.Join(dir, remote)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", st.last.to.address(), st.site.User, path.Clean(remote), it.Local))
	return filepath.Join(st.cfg.State, "sync", hex.EncodeToString(sum[:16])+".json"), nil
}

func readBase(file string) (bulk.Base, error) {
	base := bulk.Base{}
	if file == "" {
		return base, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return base, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &base)
	}
	if err != nil {
		return nil, fmt.Errorf("what is remembered of the last sync: %w", err)
	}
	return base, nil
}

// writeBase replaces the memory as a whole: half of one would be read as
// deletions.
func writeBase(file string, base bulk.Base) error {
	if file == "" {
		return nil
	}
	text, err := json.Marshal(base)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), "new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
