package bulk

import (
	"fmt"
	"time"

	"ferry/proto"
)

// extra is an entry that only the target has.
type extra struct {
	item  Item
	node  *node
	rel   string
	first bool // it is in the way of what comes
}

// surplus collects what only the target has. What the filter leaves out of the
// source is not deleted from the target, either.
func (p *planner) surplus(it Item, src, dst *node, rel string) {
	if dst == nil {
		return
	}
	if p.plan.Direction == Up {
		p.stale = append(p.stale, p.own(it, src, dst.temps)...)
	}
	if p.opts.Extra != DeleteExtra {
		return
	}
	for _, n := range dst.children {
		p.seen++
		if rel := join(rel, n.name); src.child(n.name) == nil && p.sieve.skips(rel, n) == "" {
			p.extras = append(p.extras, extra{item: below(it, n.name), node: n, rel: rel})
		}
	}
}

// inTheWay has a target of another kind removed before its source comes.
func (p *planner) inTheWay(it Item, dst *node) {
	p.extras = append(p.extras, extra{item: it, node: dst, first: true})
}

// DeleteError is a plan that would delete more than it may.
type DeleteError struct {
	Count, Of int // entries; those that the target has
	Max       Ceiling
}

func (e *DeleteError) Error() string {
	if e.Max.Count > 0 && e.Count > e.Max.Count {
		return fmt.Sprintf("%d files and directories would be deleted, and %d are the most", e.Count, e.Max.Count)
	}
	return fmt.Sprintf("%d of %d files and directories would be deleted, and %d %% are the most", e.Count, e.Of, e.Max.Percent)
}

// prune adds the deletions to the plan, if the source is known for certain and
// they are not too many.
func (p *planner) prune() error {
	p.sweep()
	if len(p.extras) == 0 {
		return nil
	}
	if p.unsure != nil {
		p.notice("nothing is deleted, since not all of the source is known: %v", p.unsure)
		for _, x := range p.extras {
			if x.first {
				p.plan.reject(x.item, fmt.Errorf("%s is in the way", x.node.path))
			}
		}
		return nil
	}
	before := p.plan.Deletes
	for _, x := range p.extras {
		p.remove(x)
	}
	return p.opts.MaxDelete.check(p.plan.Deletes-before, p.seen)
}

// maxDeletePercent and fewDeletes: a source that is suddenly half empty is
// more often a mistake than a wish, but small trees change by large parts. A
// part that somebody asks for holds for small trees, too.
const (
	maxDeletePercent = 50
	fewDeletes       = 10
)

func (c Ceiling) check(count, of int) error {
	few := 0
	if c.Percent == 0 && c.Count == 0 {
		c.Percent, few = maxDeletePercent, fewDeletes
	}
	tooMany := c.Count > 0 && count > c.Count
	tooMuch := c.Percent > 0 && count > few && count*100 > of*c.Percent
	if tooMany || tooMuch {
		return &DeleteError{Count: count, Of: of, Max: c}
	}
	return nil
}

// remove plans the removal of an entry, what is in it first. A directory that
// holds what must stay, or whose content is not known, stays.
func (p *planner) remove(x extra) (gone bool) {
	if !x.node.dir() || x.node.link {
		p.plan.add(Step{Item: x.item, Action: Delete, Size: x.node.size, first: x.first})
		return true
	}
	if !x.node.listed {
		p.notice("%s is not deleted, since not all that is in it is known", x.node.path)
		return false
	}
	gone = true
	for _, n := range x.node.children {
		rel := join(x.rel, n.name)
		if p.sieve.skips(rel, n) != "" || !p.remove(extra{item: below(x.item, n.name), node: n, rel: rel, first: x.first}) {
			gone = false
		}
		p.seen++
	}
	if gone {
		p.plan.add(Step{Item: x.item, Action: RemoveDir, Size: proto.NoSize, first: x.first})
	}
	return gone
}

// staleAge is when a temporary name of ours is nobody's any more, whatever the
// clocks and time zones of both ends: resuming is for the same day.
const staleAge = 3 * 24 * time.Hour

// sweep plans the removal of what uploads that broke long ago have left.
func (p *planner) sweep() {
	for _, n := range p.stale {
		if !n.time.IsZero() && time.Since(n.time) > staleAge {
			p.plan.add(Step{Item: Item{Remote: n.path}, Direction: Up, Action: Delete, Size: n.size, Why: "left by an upload that broke"})
		}
	}
}
