package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"ferry/script/bulk"
)

// decision is one thing that a plan may decide about two trees.
type decision struct {
	name           string
	only           bulk.Direction // "" both
	options        bulk.Options
	source, target string   // trees, as layTree reads them
	hides          bool     // it is about links in listings: ferry's have what they lead to
	plan           []string // what, which, and why
	totals         string
	refused        string // the plan is
	after          string // the target's tree then
}

func decisions(t *testing.T) []decision {
	all := append(presence(), policies()...)
	all = append(all, filters()...)
	all = append(all, deletions()...)
	return append(all, linked(t)...)
}

// presence are decisions by what is there, its size and its time.
func presence() []decision {
	tree := bulk.Options{Existing: bulk.NewerOrSize}
	return []decision{
		{name: "all is new", options: tree, source: "a=1@old d/b=22@old d@new e/@old", target: "",
			plan: []string{"send a", "mkdir d", "send d/b", "mkdir e"}, totals: "2 files, 3 bytes, 2 directories",
			after: "a=1@old d/@new d/b=22@old e/@old"},
		{name: "all is there", options: tree, source: "a=1@old d/b=22@new", target: "a=x@old d/b=yy@new",
			plan:   []string{"skip a: the same size, and not newer than what is there", "skip d/b: the same size, and not newer than what is there"},
			totals: "0 files, 0 bytes, 2 skipped", after: "a=x@old d/ d/b=yy@new"},
		{name: "some is newer or of another size", options: tree, source: "newer=1@new older=2@old size=333@old", target: "newer=x@old older=y@new size=z@new",
			plan:   []string{"replace newer", "skip older: the same size, and not newer than what is there", "replace size"},
			totals: "2 files, 4 bytes, 1 skipped", after: "newer=1@new older=y@new size=333@old"},
		{name: "a file where a directory is", options: bulk.Options{Existing: bulk.NewerOrSize, OnError: bulk.Continue}, source: "x=1", target: "x/y=2",
			plan: []string{"reject x: x: the target is a directory"}, totals: "0 files, 0 bytes, 1 that can't be", after: "x/ x/y=2"},
		{name: "a directory where a file is", options: bulk.Options{Existing: bulk.NewerOrSize, OnError: bulk.Continue}, source: "x/y=2 z=3", target: "x=1",
			plan: []string{"reject x: x: the target is a file", "send z"}, totals: "1 file, 1 byte, 1 that can't be", after: "x=1 z=3"},
	}
}

// policies are what is done about names that exist.
func policies() []decision {
	with := func(p bulk.Policy) bulk.Options { return bulk.Options{Existing: p, OnError: bulk.Continue} }
	return []decision{
		{name: "overwrite", options: with(bulk.Overwrite), source: "a=1@old b=2@old", target: "a=x@new",
			plan: []string{"replace a", "send b"}, totals: "2 files, 2 bytes", after: "a=1@old b=2@old"},
		{name: "skip", options: with(bulk.Skip), source: "a=1@new b=2@old", target: "a=xyz@old",
			plan: []string{"skip a: it exists", "send b"}, totals: "1 file, 1 byte, 1 skipped", after: "a=xyz@old b=2@old"},
		{name: "rename", options: with(bulk.Rename), source: "a.txt=1 b=2", target: "a.txt=x a-1.txt=y",
			plan: []string{"rename a-2.txt", "send b"}, totals: "2 files, 2 bytes", after: "a.txt=x a-1.txt=y a-2.txt=1 b=2"},
		{name: "resume", options: with(bulk.Resume), source: "less=12345 whole=123 more=1", target: "less=123 whole=123 more=12",
			plan:   []string{"resume less", "skip whole: already whole", "reject more: can't resume: the target has 2 bytes, the source only 1 byte"},
			totals: "1 file, 5 bytes, 1 skipped, 1 that can't be", after: "less=12345 whole=123 more=12"},
		{name: "newer", options: with(bulk.Newer), source: "older=1@old newer=2@new size=333@old", target: "older=x@new newer=y@old size=z@new",
			plan:   []string{"skip older: not newer than what is there", "replace newer", "skip size: not newer than what is there"},
			totals: "1 file, 1 byte, 2 skipped", after: "older=x@new newer=2@new size=z@new"},
		{name: "checksum", options: bulk.Options{Existing: bulk.Checksum}, source: "same=1@old time=22@old text=333@old size=4", target: "same=1@old time=22@new text=xyz@old size=44",
			plan:   []string{"skip same: the same content", "set-time time", "replace text", "replace size"},
			totals: "2 files, 4 bytes, 1 skipped", after: "same=1@old time=22@old text=333@old size=4"},
	}
}

// filters are what counts at all: the rest is neither moved nor deleted.
func filters() []decision {
	with := func(f bulk.Filter) bulk.Options {
		return bulk.Options{Existing: bulk.NewerOrSize, Extra: bulk.DeleteExtra, Filter: f}
	}
	const hour = 36 * time.Hour
	return []decision{
		{name: "include", options: with(bulk.Filter{Include: []string{"*.txt", "d/**/z"}}), source: "a.txt=1 b.bin=2 d/z=3 d/e/f/z=4 z=5", target: "old.txt=6 old.bin=7",
			plan:   []string{"send a.txt", "mkdir d", "send d/z", "mkdir d/e", "mkdir d/e/f", "send d/e/f/z", "delete old.txt"},
			totals: "3 files, 3 bytes, 3 directories, 1 deletion", after: "a.txt=1 d/ d/z=3 d/e/ d/e/f/ d/e/f/z=4 old.bin=7"},
		{name: "exclude", options: with(bulk.Filter{Exclude: []string{"*.tmp", "cache/", "/d/**/{x,y}"}}), source: "a=1 b.tmp=2 cache/c=3 d/e/x=4 d/e/z=5 x=6", target: "old=7 old.tmp=8",
			plan:   []string{"send a", "mkdir d", "mkdir d/e", "send d/e/z", "send x", "delete old"},
			totals: "3 files, 3 bytes, 2 directories, 1 deletion", after: "a=1 d/ d/e/ d/e/z=5 old.tmp=8 x=6"},
		{name: "size", options: with(bulk.Filter{MinSize: 2, MaxSize: 3}), source: "one=1 two=22 three=333 four=4444", target: "old=1 older=22",
			plan: []string{"send two", "send three", "delete older"}, totals: "2 files, 5 bytes, 1 deletion", after: "two=22 three=333 old=1"},
		{name: "not too old", options: with(bulk.Filter{After: time.Now().Add(-hour)}), source: "week=1@week hour=2@hour", target: "gone=3@hour kept=4@week",
			plan: []string{"send hour", "delete gone"}, totals: "1 file, 1 byte, 1 deletion", after: "hour=2@hour kept=4@week"},
		{name: "not too new", options: with(bulk.Filter{Before: time.Now().Add(-hour)}), source: "week=1@week hour=2@hour", target: "gone=3@week kept=4@hour",
			plan: []string{"send week", "delete gone"}, totals: "1 file, 1 byte, 1 deletion", after: "week=1@week kept=4@hour"},
		{name: "hidden", options: with(bulk.Filter{}), source: ".a=1 .d/b=2 c=3", target: ".old=4",
			plan:   []string{"send .a", "mkdir .d", "send .d/b", "send c", "delete .old"},
			totals: "3 files, 3 bytes, 1 directory, 1 deletion", after: ".a=1 .d/ .d/b=2 c=3"},
		{name: "no hidden", options: with(bulk.Filter{NoHidden: true}), source: ".a=1 .d/b=2 c=3", target: ".old=4",
			plan: []string{"send c"}, totals: "1 file, 1 byte", after: ".old=4 c=3"},
	}
}

// deletions are what only the target has, and how much of it may go.
func deletions() []decision {
	with := func(c bulk.Ceiling) bulk.Options {
		return bulk.Options{Existing: bulk.NewerOrSize, Extra: bulk.DeleteExtra, MaxDelete: c}
	}
	twelve := "a=1 " + strings.Join([]string{"b=1", "c=1", "d=1", "e=1", "f=1", "g=1", "h=1", "i=1", "j=1", "k=1", "l=1"}, " ")
	gone := "delete b|delete c|delete d|delete e|delete f|delete g|delete h|delete i|delete j|delete k|delete l|skip a: the same size, and not newer than what is there"
	return []decision{
		{name: "extras stay", options: bulk.Options{Existing: bulk.NewerOrSize}, source: "a=1", target: "x=2 d/y=3",
			plan: []string{"send a"}, totals: "1 file, 1 byte", after: "a=1 x=2 d/ d/y=3"},
		{name: "extras go", options: with(bulk.Ceiling{}), source: "a=1", target: "x=2 d/e/y=3 d/z=4",
			plan: []string{"send a", "delete x", "delete d/e/y", "rmdir d/e", "delete d/z", "rmdir d"}, totals: "1 file, 1 byte, 5 deletions", after: "a=1"},
		{name: "other kinds go first", options: with(bulk.Ceiling{}), source: "x=1 y/in=2", target: "x/in=3 y=4",
			plan: []string{"delete x/in", "rmdir x", "delete y", "send x", "mkdir y", "send y/in"}, totals: "2 files, 2 bytes, 1 directory, 3 deletions", after: "x=1 y/ y/in=2"},
		{name: "more than a count", options: with(bulk.Ceiling{Count: 1}), source: "a=1", target: "x=2 y=3",
			refused: "2 files and directories would be deleted, and 1 are the most"},
		{name: "a count", options: with(bulk.Ceiling{Count: 2}), source: "a=1", target: "x=2 y=3",
			plan: []string{"send a", "delete x", "delete y"}, totals: "1 file, 1 byte, 2 deletions", after: "a=1"},
		{name: "more than a part", options: with(bulk.Ceiling{Percent: 60}), source: "a=1@old b=1@old", target: "a=1@old x=2 y=3",
			refused: "2 of 3 files and directories would be deleted, and 60 % are the most"},
		{name: "a part", options: with(bulk.Ceiling{Percent: 70}), source: "a=1@old", target: "a=1@old x=2 y=3",
			plan: []string{"skip a: the same size, and not newer than what is there", "delete x", "delete y"}, totals: "0 files, 0 bytes, 2 deletions, 1 skipped", after: "a=1@old"},
		{name: "more than half, by default", options: with(bulk.Ceiling{}), source: "a=1@old", target: twelve, refused: "11 of 12"},
		{name: "nearly all, as asked", options: with(bulk.Ceiling{Percent: 95}), source: "a=1@old", target: twelve,
			plan: strings.Split(gone, "|"), totals: "0 files, 0 bytes, 11 deletions, 1 skipped", after: "a=1"},
	}
}

// linked are trees with links, and uploads that get their names together.
func linked(t *testing.T) []decision {
	with := func(l bulk.Links) bulk.Options { return bulk.Options{Existing: bulk.NewerOrSize, Links: l} }
	all := []decision{
		{name: "links to files", options: with(bulk.FollowFiles), source: "d/f=1 l>d/f m>d n>nowhere", only: bulk.Up,
			plan:   []string{"mkdir d", "send d/f", "send l", "skip m: a link to a directory", "skip n: the link leads nowhere"},
			totals: "2 files, 2 bytes, 1 directory, 2 skipped", after: "d/ d/f=1 l=1"},
		{name: "all links", options: with(bulk.FollowAll), source: "d/f=1 l>d/f m>d",
			plan: []string{"mkdir d", "send d/f", "send l", "mkdir m", "send m/f"}, totals: "3 files, 3 bytes, 2 directories", after: "d/ d/f=1 l=1 m/ m/f=1"},
		{name: "no links", hides: true, options: with(bulk.SkipLinks), source: "d/f=1 l>d/f m>d",
			plan:   []string{"mkdir d", "send d/f", "skip l: a link", "skip m: a link"},
			totals: "1 file, 1 byte, 1 directory, 2 skipped", after: "d/ d/f=1"},
		{name: "names together", only: bulk.Up, options: bulk.Options{Existing: bulk.NewerOrSize, Publish: bulk.Together}, source: "a=1@old b=22@old d/c=333@old", target: "a=xyz@old",
			plan: []string{"replace a", "send b", "mkdir d", "send d/c"}, totals: "3 files, 6 bytes, 1 directory", after: "a=1 b=22 d/ d/c=333"},
	}
	other, err := os.MkdirTemp("/dev/shm", "ferry-test")
	if err != nil { // no second file system
		return all
	}
	t.Cleanup(func() { _ = os.RemoveAll(other) })
	writeFile(t, other+"/f", "1")
	one := bulk.Options{Existing: bulk.NewerOrSize, Links: bulk.FollowAll, Filter: bulk.Filter{OneFileSystem: true}}
	return append(all,
		decision{name: "one file system", only: bulk.Up, options: one, source: "a=1 m>" + other, plan: []string{"send a"}, totals: "1 file, 1 byte", after: "a=1"},
		decision{name: "two file systems", only: bulk.Up, options: with(bulk.FollowAll), source: "a=1 m>" + other,
			plan: []string{"send a", "mkdir m", "send m/f"}, totals: "2 files, 2 bytes, 1 directory", after: "a=1 m/ m/f=1"})
}
