package script

import (
	"context"
	"errors"
	"os"
	"path/filepath"
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
