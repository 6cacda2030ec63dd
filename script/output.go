package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// redirected runs a line whose output goes elsewhere. Output is what was asked
// for: listings, files, values; what is told beside it stays where it is.
func (st *State) redirected(ctx context.Context, o Output, run func() error) error {
	out, show, raw := st.Out, st.cfg.Show, st.cfg.Out
	defer func() { st.Out, st.cfg.Show, st.cfg.Out = out, show, raw }()
	to := func(w io.Writer) error {
		st.Out, st.cfg.Show, st.cfg.Out = w, nil, w
		return run()
	}
	switch {
	case o.Pipe != "":
		return st.pipe(ctx, o.Pipe, to)
	case o.Add:
		return st.appendTo(*o.File, to)
	}
	return st.intoFile(*o.File, to)
}

// intoFile gives a file its new content when it is whole: a line that fails
// leaves the old one.
func (st *State) intoFile(w Word, write func(io.Writer) error) error {
	name, err := st.outputName(w)
	if err != nil {
		return err
	}
	if isDevice(name) {
		return intoDevice(name, write)
	}
	if to, err := filepath.EvalSymlinks(name); err == nil {
		name = to // what stands behind a link is what is meant, as in a shell
	}
	part := filepath.Join(filepath.Dir(name), fmt.Sprintf(".ferry-%s.%d.part", filepath.Base(name), st.job))
	f, err := os.Create(part)
	if err != nil {
		return err
	}
	defer os.Remove(part)
	if old, err := os.Stat(name); err == nil {
		_ = f.Chmod(old.Mode().Perm()) // before there is anything in it: it may be hidden from others
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(part, name)
}

// isDevice reports whether a name is a device, a pipe or a socket: something to
// write to.
//
// SECURITY: it is never replaced: a rename onto /dev/null, by root, would take
// the device away from the whole machine.
func isDevice(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

func intoDevice(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func (st *State) appendTo(w Word, write func(io.Writer) error) error {
	name, err := st.outputName(w)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func (st *State) outputName(w Word) (string, error) {
	w, err := st.expand(w)
	if err != nil {
		return "", err
	}
	if w.Text == "" {
		return "", &CallError{What: "the name of the output file is empty"}
	}
	return st.Local(w.Text), nil
}

// pipe gives the output to a local command. Both must succeed; a command that
// ends early, as head does, ends the line well.
func (st *State) pipe(ctx context.Context, command string, write func(io.Writer) error) error {
	cmd := st.shellCommand(ctx, command)
	cmd.Dir, cmd.Env = st.dir, st.shellEnv()
	cmd.Stdout, cmd.Stderr = st.Out, st.Err
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	w := &patient{to: in}
	written := write(w)
	_ = in.Close() // the command may be gone, and its code says what that means
	err = cmd.Wait()
	if written != nil {
		return written
	}
	if code := cmd.ProcessState; err != nil && code != nil && code.Exited() {
		return fmt.Errorf("the command ended with code %d: %s", code.ExitCode(), command)
	}
	return err
}

// patient writes to a command for as long as it reads.
type patient struct {
	to   io.Writer
	gone bool
}

func (p *patient) Write(b []byte) (int, error) {
	if p.gone {
		return len(b), nil
	}
	n, err := p.to.Write(b)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) || errors.Is(err, io.ErrClosedPipe) {
		p.gone = true
		return len(b), nil
	}
	return n, err
}
