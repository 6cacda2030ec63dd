package bulk

import (
	"context"
	"path"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
)

// sharpen makes the times of a remote tree comparable. LIST tells them to the
// minute or the day, in a time zone that nobody names; MDTM tells them to the
// second in UTC. Those that decide something are asked for, many at once, and
// one of them shows the zone.
func (p *planner) sharpen(ctx context.Context, src, dst *node) error {
	remote, here := src, dst
	if p.plan.Direction == Up {
		remote, here = dst, src
	}
	var vague []*node
	collect(remote, here, &vague, p.timesMatter)
	dirs := p.vagueDirs(remote)
	known, err := p.tellsTimes(ctx, vague)
	if err != nil {
		return err
	}
	if !known {
		return p.askTimes(ctx, nil, dirs)
	}
	listed := make([]node, len(vague))
	for i, n := range vague {
		listed[i] = *n
	}
	err = p.askTimes(ctx, vague, dirs)
	for i, n := range vague {
		// A day says nothing of hours.
		if n.precision < listed[i].precision && listed[i].precision <= time.Minute {
			shift(remote, listed[i].time.Sub(n.time))
			break
		}
	}
	return err
}

// timesMatter reports whether the exact time of a remote file is worth asking
// for: it is kept by a download, or it decides whether there is one, or whether the
// file counts at all.
func (p *planner) timesMatter(remote, here *node) bool {
	if remote.kind != proto.RegularFile || remote.precision <= time.Second {
		return false
	}
	if p.plan.Direction == Down && p.opts.Times == KeepTimes || p.sieve.aged() {
		return true
	}
	return here != nil && (p.opts.Existing == Newer || p.opts.Existing == NewerOrSize && remote.size == here.size || p.opts.Existing == Checksum)
}

// tellsTimes reports whether there are files to be asked about, and the server
// knows MDTM: thousands of refusals would be worth nothing.
func (p *planner) tellsTimes(ctx context.Context, vague []*node) (bool, error) {
	if len(vague) == 0 || p.client.Quirks().NoModTime {
		return false, nil
	}
	if p.client.Features().Has("MDTM") {
		return true, nil
	}
	_, err := p.client.ModTime(ctx, vague[0].path)
	if ctx.Err() != nil || p.client.Broken() {
		return false, err
	}
	return !p.client.Quirks().NoModTime, nil
}

// vagueDirs are the directories whose exact times a download keeps and MLST tells:
// the listing of their parent has minutes, and MDTM is about files (vsftpd and
// ProFTPD refuse it). Of a link, it may tell the link's own.
func (p *planner) vagueDirs(remote *node) (dirs []*node) {
	if p.plan.Direction == Down && p.opts.Times == KeepTimes && p.client.Features().Has("MLST") {
		collect(remote, nil, &dirs, func(n, _ *node) bool { return n.dir() && !n.link && n.precision > time.Second })
	}
	return dirs
}

// collect finds the files for which pick says so.
func collect(n, other *node, into *[]*node, pick func(n, other *node) bool) {
	if n == nil {
		return
	}
	if pick(n, other) {
		*into = append(*into, n)
	}
	for _, c := range n.children {
		collect(c, other.child(c.name), into, pick)
	}
}

// quarter is the grid of the world's time zones.
const quarter = 15 * time.Minute

// shift moves all times that only the listing has told, since one file shows
// how far the server's clock on the wall is from UTC.
func shift(root *node, offset time.Duration) {
	offset = offset.Round(quarter)
	var all []*node
	collect(root, nil, &all, func(n, _ *node) bool { return n.precision > time.Second })
	for _, n := range all {
		n.time = n.time.Add(-offset)
	}
}

// askTimes finds out the exact times of files by MDTM, and of directories by MLST,
// all in one write; where a directory has so many files that their commands take
// longer than a listing, by MLSD. What the server doesn't tell stays as it is.
func (p *planner) askTimes(ctx context.Context, files, dirs []*node) error {
	files, err := p.listTimes(ctx, files)
	if err != nil {
		return err
	}
	var cmds []proto.Command
	for _, n := range files {
		cmds = append(cmds, proto.Cmd("MDTM", n.path))
	}
	for _, n := range dirs {
		cmds = append(cmds, proto.Cmd("MLST", n.path))
	}
	answers, err := p.client.DoAll(ctx, cmds)
	for i, a := range answers {
		if i < len(files) {
			files[i].told(a)
		} else {
			dirs[i-len(files)].shown(a)
		}
	}
	return err
}

// told takes the time over that MDTM tells.
func (n *node) told(a client.Answer) {
	if a.Err != nil || a.Reply.Code != proto.FileStatus {
		return
	}
	if t, precision, err := proto.ParseTime(a.Reply.Text()); err == nil {
		n.time, n.precision = t, precision
	}
}

// shown takes the time over that MLST tells.
func (n *node) shown(a client.Answer) {
	if a.Err != nil {
		return
	}
	if e, err := client.Facts(a.Reply); err == nil && e.Precision <= time.Second && !e.Modify.IsZero() {
		n.time, n.precision = e.Modify, e.Precision
	}
}

// listTimes takes times from listings where that is fewer round trips, and
// returns those that are still to be asked for.
func (p *planner) listTimes(ctx context.Context, vague []*node) (left []*node, err error) {
	bytes := map[string]int{} // of the commands, by directory
	for _, n := range vague {
		bytes[path.Dir(n.path)] += len("MDTM \r\n") + len(n.path)
	}
	worth := listingWorth
	if p.client.RoundTrip() < farTrip {
		worth = listingWorthNear
	}
	exact := map[string]proto.Entry{}
	for dir, size := range bytes {
		if f := p.client.Features(); size < worth || !f.Has("MLSD") && !f.Has("MLST") {
			continue
		}
		for line, err := range p.client.List(ctx, dir) {
			if err != nil && (p.client.Broken() || ctx.Err() != nil) {
				return nil, err
			}
			if err == nil && line.Verdict == list.Understood && line.Entry.Precision <= time.Second {
				exact[path.Join(dir, line.Entry.Name)] = line.Entry
			}
		}
	}
	for _, n := range vague {
		if e, ok := exact[n.path]; ok && !e.Modify.IsZero() && e.Size == n.size {
			n.time, n.precision = e.Modify, e.Precision
			continue
		}
		left = append(left, n)
	}
	return left, nil
}
