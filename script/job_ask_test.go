package script

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"ferry/script/bulk"
)

// A job that meets a name that exists asks when its person comes to it, says so
// before, and ends by kill while it waits; a script's fails.
func TestJobsAsk(t *testing.T) {
	for name, c := range map[string]struct {
		policy bulk.Policy
		then   string
		want   string // in a.txt
		record string
	}{
		"fg":   {bulk.Overwrite, "fg 1", "abc", "get --existing overwrite a.txt &\nwait\n"},
		"wait": {bulk.Skip, "wait", "mine", "get --existing skip a.txt &\nwait\n"},
		"kill": {bulk.Overwrite, "kill 1", "mine", "# get a.txt &\n# failed: get: killed\n"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTypist(t)
			p.local("a.txt", "mine")
			p.policy = c.policy
			e, err := New(p.cfg)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range []string{"open ftp://anna:secret@ftp.test/", "get a.txt &"} {
				if err := e.ExecText(context.Background(), line); err != nil {
					t.Fatal(err)
				}
			}
			for e.State().Jobs.List()[0].Status != Asking {
				time.Sleep(time.Millisecond)
			}
			if !strings.Contains(p.err.String(), "[1] a name exists: `fg 1` asks what to do\n") {
				t.Errorf("nobody was told:\n%s", p.err.String())
			}
			if err := e.ExecText(context.Background(), c.then); err != nil {
				t.Error(err)
			}
			if err := e.Close(context.Background()); err != nil {
				t.Error(err)
			}
			if got := p.read("a.txt"); got != c.want {
				t.Errorf("a.txt is %q", got)
			}
			if got := readFile(t, p.path); !strings.HasSuffix(got, asAnna+c.record) {
				t.Errorf("recorded:\n%s", got)
			}
		})
	}
	w := blockWorld(t)
	w.local("a.txt", "mine")
	if err := w.in("set existing ask\nget a.txt &\n"); err == nil || !strings.Contains(err.Error(), "a job doesn't ask") {
		t.Error(err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
