package bulk

import (
	"context"
	"os"
	"time"

	"ferry/proto/client"
)

// keepTime notes that a directory gets the time of its source, once nothing in
// it changes any more. It is no difference by itself, and no step: many servers
// can't. A listing that tells minutes or days tells too little.
func (p *planner) keepTime(it Item, d Direction, src, dst *node, changes bool) {
	if p.opts.Times != KeepTimes || src == nil || src.time.IsZero() || src.precision > time.Second {
		return
	}
	if changes || dst == nil || differ(src.time, dst.target()) {
		p.plan.dirs = append(p.plan.dirs, Step{Item: it, Direction: d, Time: src.time})
	}
}

// planned is how much has been decided so far that changes directories.
func (p *planner) planned() int { return p.plan.changes + len(p.extras) }

// dirTimes gives directories their times. It fails nothing: what is in them is
// there. A server that refuses the first is not asked about the others.
func (r *run) dirTimes(ctx context.Context, lead *worker, dirs []Step) {
	if r.anyFailed() || ctx.Err() != nil {
		return
	}
	var there []client.Ending
	for _, s := range dirs {
		if s.Direction == Down {
			_ = os.Chtimes(s.Item.Local, time.Time{}, s.Time)
			continue
		}
		there = append(there, client.Ending{Temp: s.Item.Remote, Time: s.Time})
	}
	if len(there) == 0 || lead.client.Broken() || r.opts.Server.hasNoTimes() {
		return
	}
	first, err := lead.client.SetTimes(ctx, there[:1])
	if err != nil || len(first) == 0 || first[0].Err != nil {
		return
	}
	_, _ = lead.client.SetTimes(ctx, there[1:])
}
