package script

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ferry/script/bulk"
)

// treeFlags say which entries of a tree count, and how they are compared.
func treeFlags() []Flag {
	return []Flag{
		{Name: "-e", Long: "--delete", Brief: "delete what only the target has"},
		{Name: "--max-delete", Long: "--max-delete", Arg: "N|N%", Brief: "delete no more; else nothing is done (50 %)"},
		{Name: "--dry-run", Long: "--dry-run", Brief: "print what would be done"},
		{Name: "--json", Long: "--json", Brief: "with --dry-run: as JSON"},
		{Name: "-i", Long: "--include", Arg: "PATTERN", Brief: "only files that match; may be repeated"},
		{Name: "-x", Long: "--exclude", Arg: "PATTERN", Brief: "not what matches; may be repeated"},
		{Name: "-n", Long: "--newer", Brief: "only what is newer, whatever its size"},
		{Name: "-k", Long: "--checksum", Brief: "compare contents, not times"},
		{Name: "--min-size", Long: "--min-size", Arg: "BYTES", Brief: "no smaller files, such as 1K"},
		{Name: "--max-size", Long: "--max-size", Arg: "BYTES", Brief: "no larger files, such as 2G"},
		{Name: "--newer-than", Long: "--newer-than", Arg: "AGE", Brief: "no older files, such as 36h"},
		{Name: "--older-than", Long: "--older-than", Arg: "AGE", Brief: "no newer files"},
		{Name: "--no-hidden", Long: "--no-hidden", Brief: "not what begins with a dot"},
		{Name: "--links", Long: "--links", Arg: "HOW", Brief: "files (follow those to files), all or skip"},
		{Name: "--one-file-system", Long: "--one-file-system", Brief: "not what is mounted below a local directory"},
		{Name: "-P", Long: "--parallel", Arg: "N", Brief: "most sessions at once"},
		{Name: "--segments", Long: "--segments", Arg: "N", Brief: "in how many segments at once a big file moves, or auto (uploads: to ferry)"},
		{Name: "--rate", Long: "--rate", Arg: "BYTES", Brief: "most bytes a second, such as 500K"},
		{Name: "--verify", Long: "--verify", Arg: "HOW", Brief: "auto, size, hash or none"},
		{Name: "--atomic", Long: "--atomic", Arg: "WHEN", Brief: "auto, on, off or delete (uploads)"},
		{Name: "--publish", Long: "--publish", Arg: "WHEN", Brief: "each, or together: names only when all is there"},
	}
}

// mirror makes a tree at one end like that at the other.
func mirror(ctx context.Context, st *State, a Args) error {
	o, err := st.treeOptions(a)
	if err != nil {
		return err
	}
	d, it := bulk.Down, bulk.Item{}
	if a.Flag("-R") {
		d = bulk.Up
		it.Local = st.Local(orDot(a.Text(0)))
		it.Remote = a.Text(1)
		if it.Remote == "" {
			it.Remote = remoteName(orDot(a.Text(0)), it.Local)
		}
	} else {
		it.Remote = orDot(a.Text(0))
		name := a.Text(1)
		if name == "" {
			if name, err = localName(it.Remote); err != nil {
				return err
			}
		}
		it.Local = st.Local(name)
	}
	return st.carry(ctx, d, []bulk.Item{it}, o, a)
}

// carry plans and does, or only shows the plan.
func (st *State) carry(ctx context.Context, d bulk.Direction, items []bulk.Item, o bulk.Options, a Args) error {
	if !a.Flag("--dry-run") {
		return st.move(ctx, d, items, o)
	}
	e := bulk.New(st.client, o)
	defer st.adopt(e)
	p, err := st.planned(ctx, e, d, items)
	if err != nil {
		return err
	}
	return st.showPlan(p, a)
}

func (st *State) showPlan(p bulk.Plan, a Args) error {
	if a.Flag("--json") {
		return p.JSON(st.Out)
	}
	return p.Text(st.Out)
}

// treeOptions are the settings and flags of a verb that compares trees.
func (st *State) treeOptions(a Args) (bulk.Options, error) {
	o, err := st.bulkOptions(a)
	if err != nil {
		return o, err
	}
	o.Recursive, o.Existing = bulk.Trees, bulk.NewerOrSize
	switch {
	case a.Flag("-k"):
		o.Existing = bulk.Checksum
	case a.Flag("-n"):
		o.Existing = bulk.Newer
	}
	o.Events = st.changes
	o.Filter = bulk.Filter{
		Include: a.All("-i"), Exclude: a.All("-x"),
		NoHidden: a.Flag("--no-hidden"), OneFileSystem: a.Flag("--one-file-system"),
	}
	if a.Flag("-e") {
		o.Extra = bulk.DeleteExtra
	}
	return o, st.treeBounds(a, &o)
}

// treeBounds reads the flags that have values.
func (st *State) treeBounds(a Args, o *bulk.Options) error {
	for name, to := range map[string]*int64{"--min-size": &o.Filter.MinSize, "--max-size": &o.Filter.MaxSize} {
		if n, ok := parseSize(a.Value(name)); ok {
			*to = n
		} else if a.Flag(name) {
			return &CallError{Verb: a.Verb, What: fmt.Sprintf("%s: %q is no size", name, a.Value(name)), Hint: "4096, 500K, 2M or 1G"}
		}
	}
	for name, to := range map[string]*time.Time{"--newer-than": &o.Filter.After, "--older-than": &o.Filter.Before} {
		if !a.Flag(name) {
			continue
		}
		age, err := parseAge(a.Value(name))
		if err != nil {
			return &CallError{Verb: a.Verb, What: fmt.Sprintf("%s: %q is no age", name, a.Value(name)), Hint: "90m, 36h or 7d"}
		}
		*to = st.now().Add(-age)
	}
	links, ok := map[string]bulk.Links{"": bulk.FollowFiles, "files": bulk.FollowFiles, "all": bulk.FollowAll, "skip": bulk.SkipLinks}[a.Value("--links")]
	if !ok {
		return &CallError{Verb: a.Verb, What: "--links is files, all or skip"}
	}
	o.Links = links
	return maxDelete(a, &o.MaxDelete)
}

// parseAge is parseDuration that also knows days.
func parseAge(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	return parseDuration(text)
}

// maxDelete reads 20 and 20%.
func maxDelete(a Args, c *bulk.Ceiling) error {
	if !a.Flag("--max-delete") {
		return nil
	}
	digits, percent := strings.CutSuffix(a.Value("--max-delete"), "%")
	n, err := strconv.Atoi(digits)
	switch {
	case err != nil || n < 1 || percent && n > 100:
		return &CallError{Verb: a.Verb, What: "--max-delete is a number, or 1% to 100%", Hint: "without --delete nothing is deleted"}
	case percent:
		c.Percent = n
	default:
		c.Count = n
	}
	return nil
}

// changes tells what a comparison changed; what it left as it was is only counted.
func (st *State) changes(e bulk.Event) {
	if e.Kind != bulk.Skipped || !e.Same {
		st.event(e)
	}
}
