package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// TestPlanWalk makes every decision that a plan knows with every server, both
// ways: what the plan says as JSON, as text and in its totals, what it does, and
// that a second one finds nothing left to do.
func TestPlanWalk(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		var said []string // by the client
		c := dialServer(t, s, client.Config{Trace: func(from proto.Direction, line string) {
			if from == proto.FromClient {
				said = append(said, line)
			}
		}})
		known := &bulk.Server{}
		followsLinks(t, s, c)
		for i, row := range decisions(t) {
			for _, d := range []bulk.Direction{bulk.Up, bulk.Down} {
				if row.only != "" && row.only != d || row.hides && d == bulk.Down && c.Features().Has("CHAN") {
					continue
				}
				t.Run(fmt.Sprintf("%s %s", row.name, d), func(t *testing.T) {
					w := newPlanWalk(t, s, fmt.Sprintf("%02d-%s", i, d), d, row)
					w.client, w.said = c, &said
					w.options.Server = known
					if w.options.Existing == bulk.Checksum && len(c.HashAlgos()) == 0 {
						w.sumless()
						return
					}
					w.walk()
				})
			}
		}
	})
}

// followsLinks has a link downloaded by its name: that of ProFTPD has the link's
// size, that of Pure-FTPd is a link and no file.
func followsLinks(t *testing.T, s server, c *client.Client) {
	layTree(t, s.dir, "linked=content link>linked")
	file := filepath.Join(t.TempDir(), "f")
	_, err := bulk.New(c, bulk.Options{}).Download(t.Context(), []bulk.Item{{Remote: "link", Local: file}})
	if got, rerr := os.ReadFile(file); err != nil || rerr != nil || string(got) != "content" {
		t.Errorf("a link by its name: %q, %v", got, err)
	}
}

// planWalk is a row of the table on its way, between two directories.
type planWalk struct {
	t        *testing.T
	row      decision
	d        bulk.Direction
	item     bulk.Item
	src, dst string // where both trees lie on this disk
	options  bulk.Options
	client   *client.Client
	said     *[]string
}

func newPlanWalk(t *testing.T, s server, name string, d bulk.Direction, row decision) *planWalk {
	local, remote := filepath.Join(t.TempDir(), "t"), filepath.Join(s.dir, name)
	w := &planWalk{t: t, row: row, d: d, src: local, dst: remote, options: row.options, item: bulk.Item{Local: local, Remote: name}}
	if d == bulk.Down {
		w.src, w.dst = remote, local
	}
	w.options.Recursive = bulk.Trees
	layTree(t, w.src, row.source)
	layTree(t, w.dst, row.target)
	info, err := os.Stat(s.dir)
	if err == nil {
		err = giveTo(remote, info)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *planWalk) plan() (bulk.Plan, *bulk.Engine, error) {
	e := bulk.New(w.client, w.options)
	if w.d == bulk.Up {
		p, err := e.PlanUpload(w.t.Context(), []bulk.Item{w.item})
		return p, e, err
	}
	p, err := e.PlanDownload(w.t.Context(), []bulk.Item{w.item})
	return p, e, err
}

func (w *planWalk) walk() {
	t := w.t
	p, e, err := w.plan()
	if w.row.refused != "" {
		if err == nil || !strings.Contains(err.Error(), w.row.refused) {
			t.Errorf("planned: %v", err)
		}
		w.leaves(w.row.target)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	w.tells(p)
	from := len(*w.said)
	report, err := e.Do(t.Context(), p)
	if rejects := p.Totals().Rejects; (err != nil) != (rejects > 0) || report.Failed != rejects {
		t.Fatalf("%v: %+v", err, report)
	}
	w.publishes((*w.said)[from:])
	if w.leaves(w.row.after); w.options.Existing == bulk.Rename || w.options.Existing == bulk.Overwrite {
		return
	}
	if p, _, err := w.plan(); err != nil && w.row.options.OnError == bulk.Stop || p.Files+p.Deletes > 0 {
		t.Errorf("left to do: %v %v", w.steps(p), err)
	}
}

// sumless is a server without checksums: nothing can be said about contents.
func (w *planWalk) sumless() {
	if _, _, err := w.plan(); !errors.Is(err, bulk.ErrNoHash) {
		w.t.Errorf("compared without checksums: %v", err)
	}
	w.leaves(w.row.target)
}

// tells looks at a plan as programs and people read it.
func (w *planWalk) tells(p bulk.Plan) {
	w.t.Helper()
	got, want := w.steps(p), slices.Clone(w.row.plan)
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		w.t.Errorf("planned %q\nwant %q", got, want)
	}
	var text bytes.Buffer
	if err := p.Text(&text); err != nil {
		w.t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if last := lines[len(lines)-1]; last != w.row.totals {
		w.t.Errorf("totals %q, want %q", last, w.row.totals)
	}
	for _, step := range want {
		does, name, _ := strings.Cut(step, " ")
		name, _, _ = strings.Cut(name, ":")
		shown := slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, does) && strings.Contains(l, "/"+name) })
		if shown == (does == "skip") {
			w.t.Errorf("%q in the text: %v\n%s", step, shown, text.Bytes())
		}
	}
}

// steps are those of the plan's JSON: what, which, and why.
func (w *planWalk) steps(p bulk.Plan) (steps []string) {
	w.t.Helper()
	var text bytes.Buffer
	var doc struct {
		Steps []struct{ Does, Direction, Local, Remote, Why string }
	}
	if err := errors.Join(p.JSON(&text), json.Unmarshal(text.Bytes(), &doc)); err != nil {
		w.t.Fatal(err)
	}
	for _, s := range doc.Steps {
		name := strings.TrimPrefix(filepath.ToSlash(s.Local), filepath.ToSlash(w.item.Local)+"/")
		if w.d == bulk.Up {
			name = strings.TrimPrefix(s.Remote, w.item.Remote+"/")
		}
		line := s.Does + " " + name
		if s.Why != "" {
			line += ": " + strings.ReplaceAll(s.Why, w.target()+"/", "")
		}
		steps = append(steps, line)
	}
	return steps
}

func (w *planWalk) target() string {
	if w.d == bulk.Up {
		return w.item.Remote
	}
	return w.item.Local
}

// publishes looks at when uploads get their names.
func (w *planWalk) publishes(said []string) {
	verb := func(v string) func(string) bool { return func(l string) bool { return strings.HasPrefix(l, v+" ") } }
	if w.options.Publish != bulk.Together {
		return
	}
	slices.Reverse(said)
	last := len(said) - 1 - slices.IndexFunc(said, verb("STOR"))
	slices.Reverse(said)
	if first := slices.IndexFunc(said, verb("RNTO")); first < last {
		w.t.Errorf("a name was given before all was there: %q", said)
	}
}

// leaves looks at the target's tree. A name with a time must have it, where the
// server can set one.
func (w *planWalk) leaves(want string) {
	w.t.Helper()
	entries := strings.Fields(want)
	got := readTree(w.t, w.dst)
	listsTimes := w.client.Features().Has("MLST") // vsftpd tells no exact times of directories, and sets none
	for i, e := range entries {
		bare, at, timed := strings.Cut(e, "@")
		if entries[i] = bare; !timed || strings.HasSuffix(bare, "/") && (w.d == bulk.Up || !listsTimes) {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimSuffix(bare, "/"), "=")
		info, err := os.Stat(filepath.Join(w.dst, name))
		if err != nil || !info.ModTime().Truncate(time.Second).Equal(instant(at)) {
			w.t.Errorf("%s: %v, want %v (%v)", name, info.ModTime(), instant(at), err)
		}
	}
	if slices.Sort(entries); !slices.Equal(got, entries) {
		w.t.Errorf("%q is there, want %q", got, entries)
	}
}

// instant is a time that trees are written with.
func instant(name string) time.Time {
	old := time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC)
	now := time.Now().Truncate(time.Hour)
	return map[string]time.Time{"old": old, "new": old.Add(10 * time.Second), "hour": now.Add(-time.Hour), "week": now.Add(-7 * 24 * time.Hour)}[name]
}

// layTree makes a tree of words: name=content, dir/, link>where, each with @time.
// Directories with a time stand behind what is in them.
func layTree(t *testing.T, dir, words string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, w := range strings.Fields(words) {
		w, at, timed := strings.Cut(w, "@")
		name, content, file := strings.Cut(w, "=")
		name, where, link := strings.Cut(name, ">")
		path := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		switch {
		case link:
			err = errors.Join(err, os.Symlink(where, path))
		case file:
			err = errors.Join(err, os.WriteFile(path, []byte(content), 0o644))
		default:
			err = errors.Join(err, os.MkdirAll(path, 0o755))
		}
		if timed {
			err = errors.Join(err, os.Chtimes(path, instant(at), instant(at)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// readTree is what layTree made, without times, sorted.
func readTree(t *testing.T, dir string) (words []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		rel = filepath.ToSlash(rel)
		switch {
		case err != nil || rel == ".":
			return err
		case d.IsDir():
			words = append(words, rel+"/")
		case d.Type()&fs.ModeSymlink != 0:
			where, _ := os.Readlink(path)
			words = append(words, rel+">"+where)
		default:
			text, err := os.ReadFile(path)
			words = append(words, rel+"="+string(text))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(words)
	return words
}
