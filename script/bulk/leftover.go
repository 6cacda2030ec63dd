package bulk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"ferry/proto"
)

// What a run that was killed has left at the server is recognised by its name.
// A half upload's tells which source it had, and as it is now: if nobody has
// that source open to be uploaded, the half is nobody's. A probe's tells the
// process that made it. Whatever is not surely ours and dead stays until it is old.

// half is a temporary name at the server, and the source that it is of.
type half struct{ remote, local string }

// own reports whether a half upload is of one of these sources, as they are now.
func (p *planner) own(it Item, src *node, temps []*node) (rest []*node) {
	if len(temps) == 0 || src == nil || !claims {
		return temps
	}
	sources := map[string]string{}
	for _, n := range src.children {
		if at := below(it, n.name); !n.dir() {
			for _, way := range []string{"", pieced} {
				sources[path.Base(tempNameOf(Step{Item: at, Size: n.size, Time: n.time}, way))] = at.Local
			}
		}
	}
	for _, n := range temps {
		local, known := sources[n.name]
		switch {
		case known:
			p.plan.halves = append(p.plan.halves, half{n.path, local})
		case deadProbe(n.name):
			p.plan.halves = append(p.plan.halves, half{remote: n.path})
		default:
			rest = append(rest, n)
		}
	}
	return rest
}

// sweep deletes the halves that no upload of this run has taken up, unless
// another run is at it. A refusal means nothing: they go when they are old.
func (r *run) sweep(ctx context.Context, lead *worker) {
	if r.anyFailed() || ctx.Err() != nil {
		return // it may be gone on with
	}
	r.halves = append(r.halves, r.ofBegun(ctx, lead)...)
	var cmds []proto.Command
	for _, h := range r.halvesLeft() {
		if h.local == "" {
			cmds = append(cmds, onName("DELE", h.remote))
			continue
		}
		f, err := os.Open(h.local)
		if err != nil {
			continue
		}
		defer f.Close() // until it is deleted nobody else begins it
		if claim(f) {
			cmds = append(cmds, onName("DELE", h.remote))
		}
	}
	if len(cmds) > 0 && !lead.client.Broken() {
		_, _ = lead.client.DoAll(ctx, cmds)
	}
}

// recall finds out what uploads that an earlier run had begun have left under
// their temporary names where listings don't show it: a server that commits by
// itself keeps what broke out of sight. They go on by that name, and take with
// them what is there.
func (r *run) recall(ctx context.Context, lead *worker) {
	if r.over() || lead.client.Broken() || !lead.client.Commits() {
		return
	}
	begun := r.with(func(t *task) bool { return t.Begun && t.Direction == Up && t.Action == Send })
	var cmds []proto.Command
	for _, t := range begun {
		cmds = append(cmds, onName("SIZE", tempName(t.Step)))
	}
	if len(cmds) == 0 {
		return
	}
	answers, _ := lead.client.DoAll(ctx, cmds)
	for i, a := range answers {
		begun[i].left = a.Err == nil
	}
}

// ofBegun is what is left at the server of uploads that an earlier run had
// begun, whatever their sources were then.
func (r *run) ofBegun(ctx context.Context, lead *worker) (found []half) {
	sources := map[string]string{}
	var dirs []string
	for _, t := range r.tasks {
		if !t.Begun || t.Direction != Up || !claims {
			continue
		}
		sources[path.Clean(tempStem(t.Item))] = t.Item.Local
		if dir := path.Dir(t.Item.Remote); !slices.Contains(dirs, dir) && len(dirs) < maxSwept {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) == 0 || lead.client.Broken() {
		return nil
	}
	listings, err := lead.listLevel(ctx, dirs)
	if err != nil {
		return nil
	}
	for i, l := range listings {
		for _, e := range l.entries {
			at := path.Join(dirs[i], e.Name)
			local, ours := sources[at[:strings.LastIndexByte(at, '-')+1]]
			if isTemp(e.Name) && (ours || deadProbe(e.Name)) {
				found = append(found, half{at, local})
			}
		}
	}
	return found
}

// halvesLeft are those of the plan that no upload has given their names.
func (r *run) halvesLeft() (left []half) {
	used := map[string]bool{}
	for _, t := range r.tasks {
		used[path.Clean(t.temp)] = true
	}
	for _, h := range r.halves {
		if !used[path.Clean(h.remote)] && len(left) < maxMarks {
			left = append(left, h)
		}
	}
	return left
}

// probeNames are those of two files by which a server is probed: they tell the
// host, the process, and a number.
func probeNames(dir string) (a, b string) {
	mark := fmt.Sprintf("%s-%x-%08x", here(), os.Getpid(), rand.Uint32())
	return path.Join(dir, partPrefix+"a-"+mark+tempSuffix), path.Join(dir, partPrefix+"b-"+mark+tempSuffix)
}

// deadProbe reports a probe's file whose process was on this host and is gone.
func deadProbe(name string) bool {
	words := strings.Split(strings.TrimSuffix(strings.TrimPrefix(plainEnd(name), partPrefix), tempSuffix), "-")
	if len(words) != 4 || words[0] != "a" && words[0] != "b" || words[1] != here() {
		return false
	}
	pid, err := strconv.ParseUint(words[2], 16, 31)
	return err == nil && gone(int(pid))
}

// here is this host and, of its containers, this one: elsewhere the numbers of
// processes are others'.
func here() string {
	host, _ := os.Hostname()
	machine, _ := os.ReadFile("/etc/machine-id")
	space, _ := os.Readlink("/proc/self/ns/pid")
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", host, machine, space))
	return hex.EncodeToString(sum[:8])
}
