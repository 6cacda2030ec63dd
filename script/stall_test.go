package script

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// bubble runs a script in virtual time against a server that says nothing to
// one command, and returns how long that took.
func bubble(t *testing.T, silent, script string, after time.Duration) (w *world, took time.Duration, err error) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t)
		w.server.file("/a", "content").file("/d/b", "x")
		w.server.silent = silent
		file := filepath.Join(dir, "test.ftp")
		if err := os.WriteFile(file, []byte("open anna:secret@ftp.test\n"+script), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		if after > 0 {
			time.AfterFunc(after, func() { cancel(signalled(2)) })
		}
		began := time.Now()
		err = Run(ctx, w.cfg, file)
		took = time.Since(began)
	})
	return w, took, err
}

// A server that falls silent costs what the setting says, not a night.
func TestSilentServer(t *testing.T) {
	for silent, script := range map[string]string{
		"SIZE": "set reply-timeout 7s\nreopen\nsize a",
		"CWD":  "set reply-timeout 7s\nreopen\ncd d",
	} {
		_, took, err := bubble(t, silent, script, 0)
		if ExitCode(err) != 8 || took < 7*time.Second || took > 30*time.Second {
			t.Errorf("%s: %v after %v, code %d", silent, err, took, ExitCode(err))
		}
	}
}

// Limits are on without being asked for: a server that falls silent in any
// phase ends the run by itself, with the code of a time limit, and the message
// tells where.
func TestSilentInEveryPhase(t *testing.T) {
	const bound = 10 * time.Minute // with all that is tried again
	for _, c := range []struct {
		silent, script, says string
		code                 int
	}{
		{"USER", "size a\n", "open", 8},
		{"PASS", "size a\n", "open", 8},
		{"CWD", "cd d\n", "cd", 8},
		{"MLSD", "ls\n", "ls", 8},
		{"EPSV", "get a\n", "get", 8},
		{"RETR", "get a\n", "get", 8},
		{"STOR", "lcd " + t.TempDir() + "\necho x > n\nput n\n", "put", 8},
		{"RNFR", "rename a b\n", "rename", 8},
		{"RNTO", "rename a b\n", "rename", 8},
		{"RNTO", "lcd " + t.TempDir() + "\necho x > a\nput a\n", "put", 8},
		{"MKD", "mkdir x\n", "mkdir", 8},
		{"DELE", "rm a\n", "rm", 8},
		{"SITE", "site HELP\n", "site", 8},
		{"QUIT", "size a\nquit\n", "", 0}, // all was done
	} {
		w, took, err := bubble(t, c.silent, c.script, 0)
		if ExitCode(err) != c.code || took > bound || c.code != 0 && !strings.Contains(message(err), ": "+c.says+": ") {
			t.Errorf("%s: %v after %v, code %d\n%s", c.silent, err, took, ExitCode(err), w.err.String())
		}
	}
}

// ^C ends the run within a bound whatever the server does.
func TestInterruptedAtWork(t *testing.T) {
	for silent, script := range map[string]string{
		"SIZE": "size a\n",
		"RETR": "get a\n",
		"MLSD": "ls\n",
		"QUIT": "!sleep 0\nsize a\nls\nquit\n",
	} {
		w, took, err := bubble(t, silent, script, 10*time.Second)
		if silent == "QUIT" {
			if err != nil || took > 10*time.Second {
				t.Errorf("QUIT: %v after %v", err, took)
			}
			continue
		}
		if ExitCode(err) != 130 || took > 2*time.Minute {
			t.Errorf("%s: %v after %v", silent, err, took)
		}
		if _, err := os.Stat(filepath.Join(w.dir, "a")); !errors.Is(err, os.ErrNotExist) {
			t.Error("half a file under its name")
		}
	}
}

// A one-shot that has done its work waits for no farewell: the clock here stands
// still while anything else goes on.
func TestOneShotLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server.file("/a", "content")
		w.server.silent = "QUIT"
		s, err := newShot(w.cfg)
		if err == nil {
			err = s.open(t.Context(), "ftp://anna:secret@ftp.test")
		}
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := s.engine.Leave(t.Context()); err != nil || time.Since(began) > 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
