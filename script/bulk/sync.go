package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ferry/proto"
)

// Base is what a sync remembers: the files and directories that were the same
// at both ends when the last one ended, by their path below the two roots.
// What differs from it has changed since, and at which end.
type Base map[string]Pair

// Pair is one of them, as both ends had it.
type Pair struct {
	Dir    bool      `json:"dir,omitzero"`
	Size   int64     `json:"size"`
	Local  time.Time `json:"local,omitzero"`
	Remote time.Time `json:"remote,omitzero"`
}

// Prefer says which end is right about what has changed at both.
type Prefer int

const (
	PreferNeither Prefer = iota // it is told, and nothing is done
	PreferLocal
	PreferRemote
	PreferNewer // and a change before a deletion
)

// Sync is a plan that goes both ways, with what is needed to remember it.
type Sync struct {
	Plan
	Clashes []string // paths that changed at both ends

	root Item
	same Base // what is the same already
	old  Base
	rels map[Item]string // of the files that are sent
	open map[string]bool // paths that are not the same until something is done
	dark bool            // not all of both ends could be seen
}

// PlanSync compares a local and a remote directory with what they had in
// common before, and decides what goes which way. A deletion is followed at
// the other end where nothing has changed there.
func (e *Engine) PlanSync(ctx context.Context, it Item, base Base, prefer Prefer) (*Sync, error) {
	sieve, err := newSieve(e.opts.Filter)
	if err != nil {
		return nil, err
	}
	s := &syncer{
		planner: &planner{Engine: e, sieve: sieve}, prefer: prefer,
		out: &Sync{root: it, same: Base{}, old: base, rels: map[Item]string{}, open: map[string]bool{}},
	}
	local, remote, err := s.look(ctx, it)
	if err != nil {
		return nil, err
	}
	if _, err := s.dir(ctx, it, local, remote, ""); err != nil {
		return nil, err
	}
	if err := s.restrain(); err != nil {
		return nil, err
	}
	s.sweep()
	s.out.Plan, s.out.dark = s.plan, s.unsure != nil
	return s.out, nil
}

// syncer makes a Sync.
type syncer struct {
	*planner
	prefer Prefer
	out    *Sync
	read   int64 // bytes that were read back to be compared
}

// look scans both ends. One that is missing is made, unless there is a base:
// then somebody has removed all of it, or has not mounted it.
func (s *syncer) look(ctx context.Context, it Item) (local, remote *node, err error) {
	if local, err = localNode(it.Local); err != nil {
		return nil, nil, err
	}
	if remote, err = s.remoteNode(ctx, it.Remote); err != nil {
		return nil, nil, err
	}
	for _, end := range []struct {
		n    *node
		name string
		d    Direction
	}{{local, it.Local, Down}, {remote, it.Remote, Up}} {
		switch {
		case end.n == nil && len(s.out.old) > 0:
			return nil, nil, fmt.Errorf("%s is gone, and was there when it was last synced", end.name)
		case end.n == nil:
			s.plan.add(Step{Item: it, Direction: end.d, Action: MakeDir, Size: proto.NoSize, parents: true})
		case !end.n.dir():
			return nil, nil, fmt.Errorf("%s is no directory", end.name)
		}
	}
	if local != nil {
		s.scanLocal(local, nil, s.sieve)
	}
	if remote != nil {
		if err := s.scanRemote(ctx, remote, nil, s.sieve); err != nil {
			return nil, nil, err
		}
		err = s.exact(ctx, remote)
	}
	return local, remote, err
}

// dir decides about all that is in a directory at either end. It reports
// whether anything of it stays.
func (s *syncer) dir(ctx context.Context, it Item, local, remote *node, rel string) (stays bool, err error) {
	if remote != nil {
		s.stale = append(s.stale, s.own(it, local, remote.temps)...)
	}
	for _, n := range []*node{local, remote} {
		if n == nil {
			continue
		}
		for _, f := range n.faults {
			stays = true
			if err := s.fault(ctx, it, f.err); err != nil {
				return stays, err
			}
		}
	}
	for _, name := range names(local, remote) {
		kept, err := s.entry(ctx, below(it, name), local.child(name), remote.child(name), join(rel, name))
		if err != nil {
			return true, err
		}
		stays = stays || kept
	}
	return stays, nil
}

// names are those of both, each once.
func names(a, b *node) []string {
	all := map[string]bool{}
	for _, n := range []*node{a, b} {
		if n != nil {
			for _, c := range n.children {
				all[c.name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (s *syncer) entry(ctx context.Context, it Item, local, remote *node, rel string) (stays bool, err error) {
	for _, n := range []*node{local, remote} {
		switch {
		case n == nil:
		case s.sieve.skips(rel, n) != "":
			return true, nil
		case n.kind != proto.RegularFile && !n.dir() || n.dir() && n.link && s.opts.Links != FollowAll:
			s.plan.add(Step{Item: it, Direction: Up, Size: proto.NoSize}.leave("a link, or not a regular file"))
			return true, nil
		}
		if n != nil {
			s.seen++
		}
	}
	if local.dir() || remote.dir() {
		return s.branch(ctx, it, local, remote, rel)
	}
	return s.file(ctx, it, local, remote, rel)
}

// branch decides about a directory. One that an end has removed goes at the
// other, too, when nothing in it stays.
func (s *syncer) branch(ctx context.Context, it Item, local, remote *node, rel string) (bool, error) {
	if local != nil && remote != nil {
		if local.dir() != remote.dir() {
			return s.clash(it, rel, "a file at one end and a directory at the other")
		}
		s.out.same[rel] = Pair{Dir: true}
		_, err := s.dir(ctx, it, local, remote, rel)
		return true, err
	}
	missing, there := Up, Down // where it is missing, and the direction of what is done there
	if local == nil {
		missing, there = Down, Up
	}
	at := len(s.plan.Steps)
	stays, err := s.dir(ctx, it, local, remote, rel)
	if err != nil {
		return true, err
	}
	if s.out.old[rel].Dir && !stays {
		s.out.open[rel] = true
		s.plan.add(Step{Item: it, Direction: there, Action: RemoveDir, Size: proto.NoSize})
		return false, nil
	}
	s.plan.Steps = slices.Insert(s.plan.Steps, at, Step{Item: it, Direction: missing, Action: MakeDir, Size: proto.NoSize})
	s.keepTime(it, missing, cmp.Or(local, remote), nil, true)
	return true, nil
}

// file decides about a file, by what has become of it at each end.
func (s *syncer) file(ctx context.Context, it Item, local, remote *node, rel string) (stays bool, err error) {
	pair, known := s.out.old[rel]
	here := !known || local == nil || local.size != pair.Size || !local.time.Equal(pair.Local)
	there := !known || remote == nil || remote.size != pair.Size || remote.time.Sub(pair.Remote).Abs() >= max(remote.precision, time.Second)
	switch {
	case local != nil && remote != nil && !here && !there:
		return s.agrees(it, local, remote, rel)
	case local != nil && remote != nil && known && !there:
		return s.send(it, Up, local, remote, rel)
	case local != nil && remote != nil && known && !here:
		return s.send(it, Down, remote, local, rel)
	case local != nil && remote != nil:
		return s.both(ctx, it, local, remote, rel)
	case local != nil && !known:
		return s.send(it, Up, local, nil, rel)
	case remote != nil && !known:
		return s.send(it, Down, remote, nil, rel)
	case local != nil && !here:
		return s.drop(it, Down)
	case remote != nil && !there:
		return s.drop(it, Up)
	}
	return s.halfGone(it, local, remote, rel)
}

// both is a file that changed at both ends, or was never synced: the same
// content is no conflict.
func (s *syncer) both(ctx context.Context, it Item, local, remote *node, rel string) (bool, error) {
	if local.size == remote.size {
		if local.time.Sub(remote.time).Abs() < max(remote.precision, time.Second) {
			return s.agrees(it, local, remote, rel)
		}
		step, err := s.compareSums(ctx, Up, Step{Item: it, Action: Send, Size: local.size}, remote.target())
		alike := err == nil && step.Action != Send
		if errors.Is(err, ErrNoHash) {
			alike, err = s.reads(ctx, it, local.size)
		}
		if alike {
			return s.agrees(it, local, remote, rel)
		}
		if err != nil && (ctx.Err() != nil || s.client.Broken()) {
			return true, err
		}
	}
	switch {
	case s.prefer == PreferLocal, s.prefer == PreferNewer && local.time.After(remote.time):
		return s.send(it, Up, local, remote, rel)
	case s.prefer == PreferRemote, s.prefer == PreferNewer:
		return s.send(it, Down, remote, local, rel)
	}
	return s.clash(it, rel, "changed at both ends")
}

// halfGone is a file that one end has changed and the other removed.
func (s *syncer) halfGone(it Item, local, remote *node, rel string) (bool, error) {
	switch {
	case local != nil && (s.prefer == PreferLocal || s.prefer == PreferNewer):
		return s.send(it, Up, local, nil, rel)
	case remote != nil && (s.prefer == PreferRemote || s.prefer == PreferNewer):
		return s.send(it, Down, remote, nil, rel)
	case local != nil && s.prefer == PreferRemote:
		return s.drop(it, Down)
	case remote != nil && s.prefer == PreferLocal:
		return s.drop(it, Up)
	}
	return s.clash(it, rel, "changed at one end and removed at the other")
}

func (s *syncer) agrees(it Item, local, remote *node, rel string) (bool, error) {
	s.out.same[rel] = Pair{Size: local.size, Local: local.time, Remote: remote.time}
	s.plan.add(Step{Item: it, Direction: Up, Size: local.size}.leave("the same").unchanged())
	return true, nil
}

func (s *syncer) send(it Item, d Direction, src, dst *node, rel string) (bool, error) {
	s.out.rels[it], s.out.open[rel] = rel, true
	s.plan.add(Step{Item: it, Direction: d, Action: Send, Size: src.size, Time: src.time, Mode: src.mode, exists: dst != nil, There: There{Mode: dst.target().perm}})
	return true, nil
}

func (s *syncer) drop(it Item, d Direction) (bool, error) {
	s.out.open[s.out.rel(it)] = true
	s.plan.add(Step{Item: it, Direction: d, Action: Delete, Size: proto.NoSize})
	return false, nil
}

func (s *syncer) clash(it Item, rel, why string) (bool, error) {
	s.out.Clashes, s.out.open[rel] = append(s.out.Clashes, rel), true
	s.plan.add(Step{Item: it, Direction: Up, Size: proto.NoSize}.leave(why))
	return true, nil
}

// restrain takes the deletions out of a plan that is not sure of both ends,
// and refuses one that has too many.
func (s *syncer) restrain() error {
	if s.plan.Deletes == 0 {
		return nil
	}
	if s.unsure == nil {
		return s.opts.MaxDelete.check(s.plan.Deletes, s.seen)
	}
	s.notice("nothing is deleted, since not all is known: %v", s.unsure)
	s.plan.Steps = slices.DeleteFunc(s.plan.Steps, Step.removes)
	s.plan.Deletes = 0
	return nil
}

// Remember is what both ends have in common after a run: what was the same,
// and what was sent and is there now. Everything else is as it was known
// before, so that the next sync sees it again. With an error the base is without
// what was uploaded, whose times at the server nobody knows.
func (e *Engine) Remember(ctx context.Context, s *Sync, r Report) (Base, error) {
	base := maps.Clone(s.same)
	gone := map[string]bool{}
	for _, x := range r.Results {
		if x.Kind == Deleted {
			gone[s.rel(x.Item)] = true
		}
	}
	for rel, pair := range s.old {
		if _, same := base[rel]; !same && !gone[rel] && (s.open[rel] || s.dark) {
			base[rel] = pair
		}
	}
	var remote *node
	var unseen error
	if slices.ContainsFunc(r.Results, func(x Result) bool { return x.Kind == Done && x.Direction == Up }) {
		remote, unseen = e.lookAgain(ctx, s.root.Remote)
	}
	for _, x := range r.Results {
		rel, sent := s.rels[x.Item]
		if !sent || x.Kind != Done {
			continue
		}
		delete(base, rel)
		pair := Pair{Size: x.Size, Local: x.Time, Remote: x.Time}
		n := remote.at(rel)
		if x.Direction == Down {
			n, _ = localNode(x.Item.Local)
		}
		if n == nil || n.size != x.Size {
			continue // somebody was faster
		}
		if x.Direction == Up {
			pair.Remote = n.time
		} else {
			pair.Local = n.time
		}
		base[rel] = pair
		for dir := path.Dir(rel); dir != "."; dir = path.Dir(dir) {
			base[dir] = Pair{Dir: true}
		}
	}
	return base, unseen
}

// lookAgain scans the server's tree as it is after a run.
func (e *Engine) lookAgain(ctx context.Context, root string) (*node, error) {
	remote := &node{path: root, kind: proto.Directory}
	if err := e.scanRemote(ctx, remote, nil, &sieve{Filter: e.opts.Filter}); err != nil {
		return nil, err
	}
	p := &planner{Engine: e}
	if err := p.exact(ctx, remote); err != nil {
		return nil, err
	}
	return remote, nil
}

// exact asks for the times of all files of which the listing tells less.
func (p *planner) exact(ctx context.Context, remote *node) error {
	var vague []*node
	collect(remote, nil, &vague, func(n, _ *node) bool { return n.kind == proto.RegularFile && n.precision > time.Second })
	if len(vague) == 0 || p.client.Quirks().NoModTime {
		return nil
	}
	return p.askTimes(ctx, vague, nil)
}

// rel is an item's path below the roots.
func (s *Sync) rel(it Item) string {
	rel, err := filepath.Rel(s.root.Local, it.Local)
	if err != nil {
		return ""
	}
	return filepath.ToSlash(rel)
}

// at is the node at a path below n.
func (n *node) at(rel string) *node {
	for part := range strings.SplitSeq(rel, "/") {
		n = n.child(part)
	}
	return n
}
