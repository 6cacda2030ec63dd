package bulk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"ferry/proto"
)

// Action is what a plan does about one entry.
type Action string

const (
	Send      Action = "send"
	MakeDir   Action = "mkdir"
	Delete    Action = "delete"   // a file of the target that the source doesn't have
	RemoveDir Action = "rmdir"    // a directory of the target, empty by then
	SetTime   Action = "set-time" // the content is the same already
	Leave     Action = "skip"     // Why says why
	Reject    Action = "reject"   // can't be moved; Err says why
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
	There     There       // what stands at the target's name
	Begun     bool        // an earlier run had begun it: what that has left goes, or is used

	exists  bool // something stands at the target's name
	grow    bool // the target itself is to be continued
	same    bool // Leave: what is there is what would be sent
	renamed bool // the target's name is not the one that was asked for
	first   bool // of Delete and RemoveDir: it is in the way of what comes
	parents bool // of MakeDir: those above it are made, too
}

// There is what stands at the name that a file would get.
type There struct {
	Exists bool
	Size   int64 // proto.NoSize when not known
	Time   time.Time
	Mode   fs.FileMode // permission bits of a file at the server, 0 when not known
}

// Plan is what will be done, decided before anything is.
type Plan struct {
	Direction Direction // "" when it goes both ways
	Steps     []Step
	Files     int    // to send
	Bytes     int64  // to send, as far as known
	Deletes   int    // files and directories to remove
	halves    []half // what killed uploads of these sources have left
	changes   int    // steps that change a directory
	dirs      []Step // directories that get their times when all is done
}

func (p *Plan) add(s Step) {
	if s.Direction == "" {
		s.Direction = p.Direction
	}
	p.Steps = append(p.Steps, s)
	if s.Action == Send || s.Action == MakeDir || s.removes() {
		p.changes++
	}
	switch s.Action {
	case Send:
		p.Files++
		p.Bytes += max(s.Size, 0)
	case Delete, RemoveDir:
		p.Deletes++
	}
}

// Count makes the totals those of the steps.
func (p *Plan) Count() {
	steps := p.Steps
	p.Steps, p.Files, p.Bytes, p.Deletes = nil, 0, 0, 0
	for _, s := range steps {
		p.add(s)
	}
}

// Leave takes a step out of what will be done.
func (p *Plan) Leave(i int, why string) {
	s := &p.Steps[i]
	if s.Action == Send {
		p.Files--
		p.Bytes -= max(s.Size, 0)
	}
	s.Action, s.Why = Leave, why
}

func (p *Plan) reject(it Item, err error) {
	p.add(Step{Item: it, Action: Reject, Err: err, Size: proto.NoSize})
}

// ErrIsDir is a directory where only files are wanted.
var ErrIsDir = errors.New("is a directory")

// errSpecial is a device, a pipe or a socket where a file would come.
var errSpecial = errors.New("is a device or a pipe, and is not replaced")

// PlanDownload looks at both sides and decides what to do about every item.
func (e *Engine) PlanDownload(ctx context.Context, items []Item) (Plan, error) {
	p, err := e.plan(ctx, Down, items)
	if err != nil {
		return p, err
	}
	return p, e.checkSpace(p)
}

// PlanUpload looks at both sides and decides what to do about every item.
func (e *Engine) PlanUpload(ctx context.Context, items []Item) (Plan, error) {
	p, err := e.plan(ctx, Up, items)
	if err != nil {
		return p, err
	}
	return p, e.checkRoom(ctx, p)
}

// plan makes a plan, from the start again when the session is lost meanwhile:
// half a look is no ground to act on.
func (e *Engine) plan(ctx context.Context, d Direction, items []Item) (Plan, error) {
	sieve, err := newSieve(e.opts.Filter)
	if err != nil {
		return Plan{}, err
	}
	retry := e.opts.Retry.withDefaults()
	w := e.planning(retry)
	for try := 1; ; try++ {
		p := &planner{Engine: e, sieve: sieve, plan: Plan{Direction: d}, named: map[string]bool{}}
		e.taken = p.takes
		err := p.items(ctx, items)
		e.taken = nil
		if err == nil {
			err = p.prune()
		}
		if err == nil || ctx.Err() != nil || !e.client.Broken() || try >= retry.Attempts || e.opts.Dial == nil {
			return p.plan, err
		}
		e.notice("%s: connection lost while looking; once more: %v", e.client.Host(), err)
		if err := w.reconnect(ctx, retry); err != nil {
			return p.plan, err
		}
	}
}

// planner makes one plan.
type planner struct {
	*Engine
	plan   Plan
	sieve  *sieve
	beside *node           // the directory of the source whose files are planned; nil for the items
	named  map[string]bool // targets of the items, and those that have got another name
	stale  []*node         // half uploads of ours at the target
	extras []extra         // of the target, to be deleted where that is asked for
	seen   int             // entries of the target that were looked at
	unsure error           // a fault of the source: then nothing of the target is known to be too much
}

// takes reports whether a file of this plan gets a name.
func (p *planner) takes(d Direction, name string) bool {
	return p.named[name] || p.beside.child(baseOf(d, name)) != nil
}

func (p *planner) items(ctx context.Context, items []Item) error {
	for _, it := range items {
		p.named[p.targetName(p.plan.Direction, Step{Item: it})] = true
	}
	for _, it := range items {
		if err := p.fault(ctx, it, p.item(ctx, it)); err != nil {
			return err
		}
	}
	return nil
}

// fault makes an error of one entry a step of the plan, so that the others
// still have theirs. What ends the planning is returned.
func (p *planner) fault(ctx context.Context, it Item, err error) error {
	if err == nil {
		return nil
	}
	p.unsure = err
	if ctx.Err() != nil || p.client.Broken() {
		return err
	}
	p.plan.reject(it, err)
	if p.opts.OnError == Stop {
		return err
	}
	return nil
}

// item plans a file, or a tree.
func (p *planner) item(ctx context.Context, it Item) error {
	p.beside = nil
	src, err := p.source(ctx, it)
	if err != nil {
		return err
	}
	if src.dir() && p.opts.Recursive == FilesOnly {
		return fmt.Errorf("%s: %w", src.path, ErrIsDir)
	}
	if err := p.sendable(it); err != nil {
		return err
	}
	dst, err := p.target(ctx, it)
	if err != nil {
		return err
	}
	if !src.dir() {
		return p.file(ctx, it, src, dst)
	}
	if dst != nil && !dst.dir() {
		return fmt.Errorf("%s: the target is a file", dst.path)
	}
	if err := p.scan(ctx, src, dst); err != nil {
		return err
	}
	if err := p.sharpen(ctx, src, dst); err != nil {
		return err
	}
	if dst == nil {
		p.plan.add(Step{Item: it, Action: MakeDir, Size: proto.NoSize, parents: true})
	}
	return p.tree(ctx, it, src, dst, "")
}

func (p *planner) source(ctx context.Context, it Item) (*node, error) {
	if p.plan.Direction == Down {
		entry, err := p.client.Stat(ctx, it.Remote)
		if err != nil {
			return nil, err
		}
		n := entryNode(it.Remote, entry)
		if leads(n) || n.kind == proto.UnknownKind {
			err = p.followRemote(ctx, n)
		}
		return n, err
	}
	info, err := os.Stat(it.Local)
	if err != nil {
		return nil, err
	}
	return infoNode(it.Local, info), nil
}

func (p *planner) target(ctx context.Context, it Item) (*node, error) {
	if p.plan.Direction == Down {
		return localNode(it.Local)
	}
	return p.remoteNode(ctx, it.Remote)
}

// scan fills in both trees. Of the target it needs what the source has, too;
// to delete the rest, all.
func (p *planner) scan(ctx context.Context, src, dst *node) error {
	local := src
	if p.plan.Direction == Down {
		local = dst
	}
	if local != nil && p.sieve.OneFileSystem {
		p.sieve.device, _ = deviceOf(local.path)
	}
	var like *node
	if p.opts.Extra == KeepExtra {
		like = src
	}
	if p.plan.Direction == Down {
		err := p.scanRemote(ctx, src, nil, p.sieve)
		if err == nil && dst != nil {
			p.scanLocal(dst, like, p.sieve)
		}
		return err
	}
	p.scanLocal(src, nil, p.sieve)
	if dst == nil {
		return nil
	}
	return p.scanRemote(ctx, dst, like, p.sieve)
}

// below is the item of a child.
func below(it Item, name string) Item {
	return Item{Local: filepath.Join(it.Local, name), Remote: path.Join(it.Remote, name), Priority: it.Priority}
}

// tree plans what is in a directory. Its target, if there is none, was planned.
func (p *planner) tree(ctx context.Context, it Item, src, dst *node, rel string) error {
	before := p.planned()
	for _, f := range src.faults {
		at := it
		if f.name != "" {
			at = below(it, f.name)
		}
		if err := p.fault(ctx, at, f.err); err != nil {
			return err
		}
	}
	for _, n := range src.children {
		rel := join(rel, n.name)
		if p.sieve.skips(rel, n) != "" {
			continue
		}
		child := below(it, n.name)
		p.beside = src
		if err := p.fault(ctx, child, p.entry(ctx, child, n, dst.child(n.name), rel)); err != nil {
			return err
		}
	}
	p.surplus(it, src, dst, rel)
	p.keepTime(it, p.plan.Direction, src, dst, p.planned() > before)
	return nil
}

// entry plans one entry of a tree.
func (p *planner) entry(ctx context.Context, it Item, src, dst *node, rel string) error {
	skip := Step{Item: it, Size: proto.NoSize}
	unsendable := p.sendable(it)
	switch {
	case src.kind == proto.Symlink && p.opts.Links == SkipLinks:
		p.plan.add(skip.leave("a link"))
	case src.kind == proto.Symlink:
		p.plan.add(skip.leave(errDangling.Error()))
	case src.dir() && src.link && p.opts.Links != FollowAll:
		p.plan.add(skip.leave("a link to a directory"))
	case src.kind == proto.Special:
		p.plan.add(skip.leave("not a regular file"))
	case unsendable != nil:
		return unsendable
	case src.dir() && dst != nil && !dst.dir():
		if p.opts.Extra == KeepExtra {
			return fmt.Errorf("%s: the target is a file", dst.path)
		}
		p.inTheWay(it, dst)
		p.plan.add(Step{Item: it, Action: MakeDir, Size: proto.NoSize})
		return p.tree(ctx, it, src, nil, rel)
	case src.dir():
		if dst == nil {
			p.plan.add(Step{Item: it, Action: MakeDir, Size: proto.NoSize})
		}
		return p.tree(ctx, it, src, dst, rel)
	case dst.dir() && p.opts.Extra == DeleteExtra:
		p.inTheWay(it, dst)
		return p.file(ctx, it, src, nil)
	default:
		return p.file(ctx, it, src, dst)
	}
	return nil
}

// sendable refuses a name that no server can be told, before anything is sent
// under another one.
func (p *planner) sendable(it Item) error {
	if p.plan.Direction != Up {
		return nil
	}
	return p.client.Sendable(it.Remote)
}

// file plans one file.
func (p *planner) file(ctx context.Context, it Item, src, dst *node) error {
	if src.kind == proto.Special {
		p.plan.add(Step{Item: it, Size: proto.NoSize}.leave("not a regular file"))
		return nil
	}
	if dst != nil && dst.kind == proto.Special { // a rename would replace it
		return fmt.Errorf("%s: %w", dst.path, errSpecial)
	}
	s := Step{Item: it, Action: Send, Size: src.size, Time: src.time, Mode: src.mode}
	s, err := p.decide(ctx, p.plan.Direction, s, dst.target())
	if err == nil {
		p.plan.add(s)
	}
	if s.renamed {
		p.named[p.targetName(p.plan.Direction, s)] = true
	}
	return err
}

// baseOf is the last part of a target's name.
func baseOf(d Direction, name string) string {
	if d == Down {
		return filepath.Base(name)
	}
	return path.Base(name)
}
