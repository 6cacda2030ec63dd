//go:build linux || darwin || freebsd

package store

import (
	"bufio"
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain is the other process of the tests below when it is asked to.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STORE_TEST_UPLOAD"); dir != "" {
		uploadForever(dir)
	}
	if dir := os.Getenv("STORE_TEST_REPLACE"); dir != "" {
		replaceForever(dir)
	}
	os.Exit(m.Run())
}

// child starts this program again and waits until it says that it is ready.
func child(t *testing.T, env string) (kill func()) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), env)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		c.Process.Kill()
		c.Wait()
	})
	t.Cleanup(kill)
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	return kill
}

// uploadForever begins an upload, says so, and goes on until it is killed.
func uploadForever(dir string) {
	s, err := NewDisk(dir)
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"/f", "/g"} {
		u, err := s.Create(context.Background(), name, CreateOptions{Owner: "ann"})
		if err != nil {
			panic(err)
		}
		u.Write([]byte(strings.Repeat("n", 100000)))
	}
	os.Stdout.WriteString("ready\n")
	select {}
}

// TestKill: an upload of a process that is killed leaves the old file whole,
// and a part that is resumed; while it lives, no other process takes the part.
func TestKill(t *testing.T) {
	_, dir := open(t, DiskOptions{})
	save(t, filepath.Join(dir, "f"), "old and whole")
	kill := child(t, "STORE_TEST_UPLOAD="+dir)

	d := reopen(t, dir, DiskOptions{})
	ctx := t.Context()
	_, err := d.Create(ctx, "/g", CreateOptions{Owner: "ann", Offset: 1000})
	wantErr(t, "another process's live part", err, ErrOffset)
	mine := begin(t, d, "/g", "", CreateOptions{Owner: "ann"})
	mine.Discard(ctx)

	kill()
	if got := load(t, filepath.Join(dir, "f")); got != "old and whole" {
		t.Errorf("%.40q", got)
	}
	_, err = d.Part(ctx, "/f", "ann")
	wantErr(t, "part beside a whole file", err, fs.ErrNotExist)
	if n, err := d.Part(ctx, "/g", "ann"); n != 100000 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	u := begin(t, d, "/g", "the rest", CreateOptions{Owner: "ann", Offset: 100000})
	if err := u.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if got := load(t, filepath.Join(dir, "g")); got != strings.Repeat("n", 100000)+"the rest" {
		t.Errorf("%d bytes", len(got))
	}
}

const replaceSize = 20000

// replaceForever commits one file again and again: all a, all b, all a …
func replaceForever(dir string) {
	s, err := NewDisk(dir)
	if err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		u, err := s.Create(context.Background(), "/f", CreateOptions{Owner: "ann"})
		if err != nil {
			panic(err)
		}
		u.Write([]byte(strings.Repeat(string(rune('a'+i%2)), replaceSize)))
		if err := u.Commit(context.Background()); err != nil {
			panic(err)
		}
		if i == 0 {
			os.Stdout.WriteString("ready\n")
		}
	}
}

// TestKillCommits: wherever in a commit the server dies, the file is whole.
func TestKillCommits(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	for range 12 {
		kill := child(t, "STORE_TEST_REPLACE="+dir)
		time.Sleep(rand.N(3 * time.Millisecond)) // somewhere in the loop
		kill()
		got := load(t, filepath.Join(dir, "f"))
		if len(got) != replaceSize || strings.Count(got, got[:1]) != replaceSize {
			t.Fatalf("torn: %d bytes", len(got))
		}
		for e, err := range d.List(t.Context(), "/") {
			if err != nil || e.Name != "f" {
				t.Errorf("%q, %v", e.Name, err)
			}
		}
	}
	if left := temporaries(t, dir); len(left) > 1 {
		t.Errorf("left: %v", left)
	}
}
