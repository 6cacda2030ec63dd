//go:build unix

package main

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"ferry/proto/client"
	"ferry/script/bulk"
)

// begun plans one file as a run does that goes on with one that was killed, and
// carries it out.
func (r *rig) begun(d bulk.Direction, o bulk.Options, name string) {
	r.t.Helper()
	e := r.engine(o)
	plan, items := e.PlanUpload, []bulk.Item{{Local: r.here(name), Remote: "/" + name}}
	if d == bulk.Down {
		plan = e.PlanDownload
	}
	p, err := plan(r.t.Context(), items)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := range p.Steps {
		p.Steps[i].Begun = true
	}
	if _, err := e.Do(r.t.Context(), p); err != nil {
		r.t.Fatal(err)
	}
}

// dots are the names at a place that begin with one.
func dots(t *testing.T, dir string) (names []string) {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		if strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

// What a killed run has left of a put goes with the run that goes on: of a
// source that has changed since, too, and what a server keeps out of sight.
func TestBegunUploadsLeaveNothing(t *testing.T) {
	for name, left := range map[string]func(r *rig, temp string){
		"whole, without its name": func(r *rig, temp string) { r.plant(r.root, temp, "1234567890") },
		"its source has changed":  func(r *rig, temp string) { r.plant(r.root, temp, "123"); r.plant(r.local, "a", "more than it was") },
		"half, out of sight":      func(r *rig, temp string) { r.breaks("/" + temp) },
		"half, under its name":    func(r *rig, temp string) { r.breaks("/a") },
		"it is there":             func(r *rig, temp string) { r.plant(r.root, temp, "123", "a", "1234567890") },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.plant(r.local, "a", "1234567890")
			temp := r.tempOf("a")
			left(r, temp)
			if len(dots(t, r.root)) == 0 {
				t.Fatal("nothing is left to be looked for")
			}
			want, err := os.ReadFile(filepath.Join(r.local, "a"))
			if err != nil {
				t.Fatal(err)
			}
			r.begun(bulk.Up, bulk.Options{}, "a")
			if got, _ := os.ReadFile(filepath.Join(r.root, "a")); string(got) != string(want) {
				t.Errorf("it is %q there", got)
			}
			if names := dots(t, r.root); len(names) > 0 {
				t.Errorf("left: %q", names)
			}
		})
	}
}

// tempOf is the name under which an upload arrives that gets its name later.
func (r *rig) tempOf(name string) string {
	r.t.Helper()
	info, err := os.Stat(r.here(name))
	if err != nil {
		r.t.Fatal(err)
	}
	_, _ = r.engine(bulk.Options{Publish: bulk.Together, OnError: bulk.Continue}).Do(r.t.Context(), bulk.Plan{
		Direction: bulk.Up, Steps: []bulk.Step{
			{Item: bulk.Item{Local: r.here(name), Remote: "/" + name}, Action: bulk.Send, Size: info.Size(), Time: info.ModTime()},
			{Item: bulk.Item{Remote: "/never"}, Action: bulk.Reject, Err: os.ErrInvalid}, // so that it doesn't get it
		},
	})
	names := dots(r.t, r.root)
	if len(names) != 1 {
		r.t.Fatalf("under temporary names: %q", names)
	}
	if err := os.Remove(filepath.Join(r.root, names[0])); err != nil {
		r.t.Fatal(err)
	}
	return names[0]
}

// breaks sends some bytes of an upload, and goes away.
func (r *rig) breaks(name string) {
	r.t.Helper()
	_, err := r.client.Store(r.t.Context(), name, io.MultiReader(strings.NewReader(strings.Repeat("123", 1<<18)), iotest.ErrReader(io.ErrUnexpectedEOF)), client.Transfer{})
	if err == nil {
		r.t.Fatal("the upload went through")
	}
	r.connect()
}

// A download that is not wanted any more leaves no part of what a killed run
// had begun of it.
func TestBegunDownloadsLeaveNothing(t *testing.T) {
	r := newRig(t)
	r.plant(r.root, "a", "1234567890")
	r.plant(r.local, "a", "it is there", ".ferry-a.part", "123", ".ferry-a.part.json", "{}", ".ferry-b.part", "of another")
	r.begun(bulk.Down, bulk.Options{Existing: bulk.Skip}, "a")
	if names := dots(t, r.local); !slices.Equal(names, []string{".ferry-b.part"}) {
		t.Errorf("left: %q", names)
	}
}

// A source that breaks off in the words of a connection that was cut is not
// taken for whole: the server has no such file then.
func TestBrokenSourcesAreNotCommitted(t *testing.T) {
	for _, why := range []error{io.ErrUnexpectedEOF, &net.OpError{Op: "read", Err: io.ErrClosedPipe}, os.ErrPermission} {
		r := newRig(t)
		source := io.MultiReader(strings.NewReader("half of it"), iotest.ErrReader(why))
		_, err := r.client.Store(t.Context(), "/a", source, client.Transfer{})
		if local := (*client.LocalError)(nil); !errors.As(err, &local) {
			t.Errorf("%v: %v", why, err)
		}
		if _, err := os.Stat(filepath.Join(r.root, "a")); err == nil {
			t.Errorf("%v: what came is a file", why)
		}
	}
}
