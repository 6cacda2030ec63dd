package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// sixty makes 60 directories, two levels deep, with a file in each, some of
// them hidden.
func sixty(t *testing.T, root string) (files []string) {
	t.Helper()
	for i := range 60 {
		dir := fmt.Sprintf("top-%d/sub-%02d", i/10, i%10)
		name := path.Join(dir, []string{"file", ".hidden"}[i%2])
		if err := os.MkdirAll(filepath.Join(root, dir), 0o777); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(root, name), name)
		_ = os.Chmod(filepath.Join(root, name), 0o644)
		files = append(files, name)
	}
	return files
}

// TestScanServers: a tree is scanned a level at a time, in at most six round
// trips in all.
func TestScanServers(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		want := sixty(t, filepath.Join(s.dir, "t"))
		turns, asking := 0, false // a round trip begins where the client speaks after the server
		c := dialServer(t, s, client.Config{Trace: func(from proto.Direction, _ string) {
			if from == proto.FromClient && !asking {
				turns++
			}
			asking = from == proto.FromClient
		}})
		turns = 0
		var got []string
		for level := []string{"t"}; len(level) > 0; {
			all, err := c.ListDirs(t.Context(), level)
			if err != nil {
				t.Fatal(err)
			}
			var next []string
			for i, l := range all {
				if l.Err != nil {
					t.Errorf("%s: %v", level[i], l.Err)
				}
				for _, line := range l.Lines {
					switch name := path.Join(level[i], line.Entry.Name); {
					case line.Verdict != list.Understood, line.Entry.Kind == proto.CurrentDir, line.Entry.Kind == proto.ParentDir:
					case line.Entry.Kind == proto.Directory:
						next = append(next, name)
					default:
						got = append(got, strings.TrimPrefix(name, "t/"))
					}
				}
			}
			level = next
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("found %d files: %q\nwant %q", len(got), got, want)
		}
		if t.Logf("%d round trips", turns); turns > 6 {
			t.Errorf("%d round trips", turns)
		}
	})
}

// TestTimesOfManyServers: the times of a directory with very many files come
// by one more listing where that is fewer round trips, those of a few by MDTM; from
// a server that is near, those of some by a listing, too, which is less work.
func TestTimesOfManyServers(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
		for _, tree := range []struct {
			name  string
			files int
		}{{"few", 5}, {"some", 40}, {"many", 600}} {
			dir := filepath.Join(s.dir, tree.name)
			if err := os.MkdirAll(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			for i := range tree.files {
				path := filepath.Join(dir, fmt.Sprintf("%03d-%s", i, strings.Repeat("n", 90)))
				writeFile(t, path, "12345")
				if err := errors.Join(os.Chmod(path, 0o644), os.Chtimes(path, at, at)); err != nil {
					t.Fatal(err)
				}
			}
			said := map[string]int{}
			c := dialServer(t, s, client.Config{Trace: func(from proto.Direction, line string) {
				if verb, _, _ := strings.Cut(line, " "); from == proto.FromClient {
					said[verb]++
				}
			}})
			near := c.RoundTrip() < 5*time.Millisecond // and stays so
			p, err := bulk.New(c, bulk.Options{Recursive: bulk.Trees}).PlanDownload(t.Context(),
				[]bulk.Item{{Remote: tree.name, Local: filepath.Join(t.TempDir(), "d")}})
			if err != nil || p.Files != tree.files {
				t.Fatalf("%d files, %v", p.Files, err)
			}
			for _, step := range p.Steps {
				if step.Action == bulk.Send && !step.Time.Equal(at) {
					t.Fatalf("%s: %v", step.Item.Remote, step.Time)
				}
			}
			asked := 0 // by MDTM
			if !c.Features().Has("CHAN") && (tree.name == "few" || !c.Features().Has("MLST")) {
				asked = tree.files
			}
			if said["MDTM"] != asked && (near || tree.name != "some") {
				t.Errorf("%s: %v, want %d MDTM", tree.name, said, asked)
			}
		}
	})
}
