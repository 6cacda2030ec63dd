package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"ferry/proto"
	"ferry/proto/list"
)

func lcd(_ context.Context, st *State, a Args) error {
	dir := st.Local(a.Text(0))
	if a.Len() == 0 {
		dir = st.Local("~")
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &os.PathError{Op: "lcd", Path: dir, Err: errNotDir}
	}
	st.dir = dir
	return nil
}

func lcdup(_ context.Context, st *State, _ Args) error {
	st.dir = filepath.Dir(st.dir)
	return nil
}

func lpwd(_ context.Context, st *State, _ Args) error { return st.print(st.dir) }

// lls is ls on this side.
func lls(ctx context.Context, st *State, a Args) error {
	var lines []list.Line
	names, err := st.localListing(ctx, a)
	if err != nil {
		return err
	}
	for _, name := range names {
		info, err := os.Lstat(st.Local(name))
		if err != nil {
			return err
		}
		lines = append(lines, list.Line{Verdict: list.Understood, Entry: localEntry(name, info, a)})
	}
	return st.show(st.Out, "", lines, a)
}

func (st *State) localListing(ctx context.Context, a Args) ([]string, error) {
	if a.Len() > 0 && (a.Words[0].Pattern() || !isDir(st.Local(a.Text(0)))) {
		found, err := st.localNames(ctx, a.Words[0])
		names := make([]string, len(found))
		for i, m := range found {
			names[i] = m.path
		}
		return names, err
	}
	entries, err := os.ReadDir(st.Local(a.Text(0)))
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = filepath.Join(a.Text(0), e.Name())
	}
	return names, err
}

func localEntry(name string, info os.FileInfo, a Args) proto.Entry {
	if a.Len() > 0 && !a.Words[0].Pattern() {
		name = info.Name()
	}
	e := proto.Entry{
		Name: name, Kind: proto.RegularFile, Size: info.Size(), Modify: info.ModTime(),
		Mode: info.Mode().Perm(), HasMode: true,
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		e.Kind = proto.Directory
	case mode&os.ModeSymlink != 0:
		e.Kind = proto.Symlink
	case !mode.IsRegular():
		e.Kind = proto.Special
	}
	return e
}

// lcat shows local files.
func lcat(_ context.Context, st *State, a Args) error {
	for _, w := range a.Words {
		if err := st.printLocal(w.Text); err != nil {
			return err
		}
	}
	return nil
}

func (st *State) printLocal(name string) error {
	f, err := os.Open(st.Local(name))
	if err != nil {
		return err
	}
	defer f.Close()
	return st.showText(func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
}

func lmkdir(_ context.Context, st *State, a Args) error {
	for _, w := range a.Words {
		mk := os.Mkdir
		if a.Flag("-p") {
			mk = os.MkdirAll
		}
		if err := mk(st.Local(w.Text), 0o777); err != nil {
			return err
		}
	}
	return nil
}

// lrm deletes local files; directories stay.
func lrm(ctx context.Context, st *State, a Args) error {
	for _, w := range a.Words {
		names, err := st.localNames(ctx, w)
		if err != nil {
			return err
		}
		for _, m := range names {
			if isDir(st.Local(m.path)) {
				return &FileError{Name: m.path, Err: errIsLocalDir}
			}
			if err := os.Remove(st.Local(m.path)); err != nil {
				return err
			}
		}
	}
	return nil
}

var errIsLocalDir = errors.New("is a directory")

// shell gives its line to the local shell, in the local directory. Variables
// and arguments reach it as environment and positional parameters, so a value
// is never read as code.
func shell(ctx context.Context, st *State, a Args) error {
	if a.Rest == "" && st.cfg.Ask == nil {
		return &CallError{What: "needs a command", Hint: "!ls -l"}
	}
	cmd := st.shellCommand(ctx, a.Rest)
	cmd.Dir, cmd.Env = st.dir, st.shellEnv()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = st.cfg.In, st.cfg.Out, st.cfg.Err
	if st.cfg.Ask == nil {
		cmd.Stdin = nil // what "run -" has not read yet is not the command's
	}
	err := st.Program(cmd)
	switch how := cmd.ProcessState; {
	case err == nil || how == nil:
		return err
	case how.Exited():
		return fmt.Errorf("the command ended with code %d", how.ExitCode())
	case endedWithUs(ctx, how):
		return context.Cause(ctx)
	}
	return err
}

// endedWithUs reports whether a command has died of a signal that ends this run
// as well.
func endedWithUs(ctx context.Context, how *os.ProcessState) bool {
	status, ok := how.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGTERM && status.Signal() != syscall.SIGINT {
		return false
	}
	select {
	case <-ctx.Done():
		return true
	case <-time.After(signalGrace):
		return false
	}
}

// Program runs a command that may want the terminal for itself, such as an
// editor.
func (st *State) Program(cmd *exec.Cmd) error {
	if st.cfg.Program != nil {
		return st.cfg.Program(cmd)
	}
	return cmd.Run()
}

// shellCommand is a command for the local shell. When ctx ends the shell is
// killed; what it has started keeps neither it nor us waiting.
func (st *State) shellCommand(ctx context.Context, line string) *exec.Cmd {
	cmd := st.localShell(ctx, line)
	cmd.WaitDelay = commandGrace
	return cmd
}

func (st *State) localShell(ctx context.Context, line string) *exec.Cmd {
	if runtime.GOOS == "windows" {
		return windowsCommand(ctx, line)
	}
	if line == "" {
		sh, ok := st.env("SHELL")
		if !ok || sh == "" {
			sh = "/bin/sh"
		}
		return exec.CommandContext(ctx, sh)
	}
	return exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", line, "ferry"}, st.cfg.Args...)...)
}

func windowsCommand(ctx context.Context, line string) *exec.Cmd {
	if line == "" {
		return exec.CommandContext(ctx, "cmd.exe")
	}
	return exec.CommandContext(ctx, "cmd.exe", "/d", "/c", line)
}

// cleanEnv is the process's environment without the password and the account.
func cleanEnv() (env []string) {
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "FERRY_PASSWORD=") && !strings.HasPrefix(kv, "FERRY_ACCOUNT=") {
			env = append(env, kv)
		}
	}
	return env
}

// shellEnv is the environment of !commands: ours, and the variables.
//
// SECURITY: but no secrets: commands leave their environment in logs and dumps.
func (st *State) shellEnv() []string {
	env := cleanEnv()
	for name, w := range st.vars {
		if !secretName(name) && !strings.ContainsAny(name, "-.") && (name[0] < '0' || name[0] > '9') {
			env = append(env, name+"="+w.Text)
		}
	}
	return env
}
