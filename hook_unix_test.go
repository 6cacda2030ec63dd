//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jlaffaye/ftp"
)

// A program hears of every upload that a client was told of, though the server is
// killed behind it while most of them wait for their turn. None is told twice.
func TestHooksSurviveKills(t *testing.T) {
	notes := t.TempDir()
	slow := hookTool(t, fmt.Sprintf("cat >/dev/null; sleep 0.05; echo \"$2\" >>%s/heard\n", notes))
	w := newWatched(t, "--hook", "upload="+slow)
	const files, lives = 24, 2
	for life := range lives {
		waitFor(t, "the server is up", func() bool { return w.ups() == life+1 })
		c, err := ftp.Dial(w.addr)
		if err == nil {
			err = c.Login("demo", "secret")
		}
		for i := 0; err == nil && i < files; i++ {
			err = c.Stor(fmt.Sprintf("f%d-%d", life, i), strings.NewReader("x"))
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = syscall.Kill(w.child(), syscall.SIGKILL)
	}
	heard := func() []string {
		text, _ := os.ReadFile(filepath.Join(notes, "heard"))
		return strings.Fields(string(text))
	}
	waitFor(t, "all are heard", func() bool { return len(heard()) >= files*lives })
	all := heard()
	slices.Sort(all)
	if len(slices.Compact(all)) != files*lives {
		t.Errorf("told twice, and others never: %v", all)
	}
}

// A server whose runner of hooks is gone is replaced by one that has one: uploads
// that a hook decides about are taken again.
func TestRunnerIsReplaced(t *testing.T) {
	pgrep := peer(t, "pgrep")
	yes := hookTool(t, "cat >/dev/null\nexit 0\n")
	w := newWatched(t, "--hook", "upload-reject="+yes)
	waitFor(t, "the server is up", func() bool { return w.ups() == 1 })
	runner := 0
	waitFor(t, "its runner", func() bool {
		out, _ := exec.Command(pgrep, "-P", strconv.Itoa(w.child())).Output()
		runner, _ = strconv.Atoi(strings.TrimSpace(string(out)))
		return runner != 0
	})
	_ = syscall.Kill(runner, syscall.SIGKILL)
	waitFor(t, "the next server is up", func() bool { return w.ups() == 2 })
	c, err := ftp.Dial(w.addr)
	if err == nil {
		err = c.Login("demo", "secret")
	}
	if err == nil {
		err = c.Stor("f", strings.NewReader("x"))
	}
	if err != nil {
		t.Error(err)
	}
}
