//go:build linux || darwin || freebsd

package store

import (
	"bufio"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain is the other process of TestKill when it is asked to.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STORE_TEST_UPLOAD"); dir != "" {
		uploadForever(dir)
	}
	os.Exit(m.Run())
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
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "STORE_TEST_UPLOAD="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Process.Kill()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}

	d := reopen(t, dir, DiskOptions{})
	ctx := t.Context()
	_, err = d.Create(ctx, "/g", CreateOptions{Owner: "ann", Offset: 1000})
	wantErr(t, "another process's live part", err, ErrOffset)
	wantErr(t, "its directory", d.RemoveDir(ctx, "/"), fs.ErrPermission)
	mine := begin(t, d, "/g", "", CreateOptions{Owner: "ann"})
	mine.Discard(ctx)

	child.Process.Kill()
	child.Wait()
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
