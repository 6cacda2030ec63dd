package script

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Run runs a file of lines; "-" is cfg.In, line by line as they come. Mistakes
// that can be seen without running are found before the first line of a file
// runs. The first failure ends the run, unless on-error is continue; then the
// error is a *PartialError.
func Run(ctx context.Context, cfg Config, file string) error {
	w, err := newWatch(cfg, file)
	if err != nil {
		return err
	}
	bounded, stop := w.context(ctx)
	defer stop()
	cfg.Recorder = w
	e, err := New(cfg)
	if err != nil {
		return w.end(ctx, err)
	}
	w.attend(e.state)
	if w.whole {
		e.state.say("%s", errWhole)
		return w.end(ctx, nil)
	}
	return w.end(ctx, run(bounded, e, cfg, file))
}

// run is Run without what stands around it.
func run(ctx context.Context, e *Engine, cfg Config, file string) (err error) {
	defer func() {
		if e.state.temp != "" && ExitCode(err) != 0 && remembered(cfg.Recorder) {
			e.state.temp = "" // --resume leaves out the lines that have put into it what is there
		}
		_ = e.Close(context.WithoutCancel(ctx)) // the farewell is said even when ctx has ended
	}()
	if cfg.First != "" {
		if err := e.ExecText(ctx, cfg.First); err != nil {
			return err
		}
	}
	r := runner{engine: e}
	if file == "-" {
		err = r.stream(ctx, cfg.In)
	} else {
		err = r.file(ctx, file)
	}
	err = e.state.finish(ctx, e.state.settle(ctx, err))
	return e.state.result(err)
}

// runner is one run of a script.
type runner struct {
	engine *Engine
}

func (r *runner) file(ctx context.Context, name string) error {
	text, err := readMain(name)
	if err != nil {
		return err
	}
	if r.engine.state.here, err = filepath.Abs(filepath.Dir(name)); err != nil {
		return err
	}
	p := r.engine.state.parser(name)
	p.here = r.engine.state.here
	lines, err := p.text(text)
	if err != nil {
		return err
	}
	return r.engine.state.script(ctx, lines)
}

func readScript(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxScript+1))
	if err == nil && len(b) > MaxScript {
		err = fmt.Errorf("%s: a script has at most %d MiB", name, MaxScript>>20)
	}
	return string(b), err
}

// readMain is readScript for the script of a run.
func readMain(name string) (string, error) {
	text, err := readScript(name)
	if err != nil {
		return "", &noScriptError{err}
	}
	return text, nil
}

// noScriptError is a run without a script.
type noScriptError struct{ error }

func (e *noScriptError) Unwrap() error { return e.error }

func (e *noScriptError) Hint() string {
	return "ferry run FILE wants the file of a script; - reads one from standard input"
}

// stream runs lines as they come, so that another program can hold the pen.
func (r *runner) stream(ctx context.Context, in io.Reader) error {
	if in == nil {
		return nil
	}
	p := r.engine.state.parser("-")
	lines := readLines(ctx, in)
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case text, ok := <-lines:
			if !ok {
				return p.finish()
			}
			if err := r.feed(ctx, p, text); err != nil {
				return err
			}
		}
	}
}

func (r *runner) feed(ctx context.Context, p *parser, text scanned) error {
	if errors.Is(text.err, bufio.ErrTooLong) {
		p.line++
		return p.notText()
	}
	if text.err != nil {
		return text.err
	}
	if p.line == 0 {
		text.line = strings.TrimPrefix(text.line, "\ufeff")
	}
	done, mistakes := p.feed(text.line)
	if err := r.engine.state.sequence(ctx, done); err != nil {
		return err
	}
	return errors.Join(mistakes...)
}

type scanned struct {
	line string
	err  error
}

// readLines reads in the background, since a read of standard input can't be
// cancelled. The goroutine ends with its input or, after ctx, with the line
// that it waits for.
func readLines(ctx context.Context, in io.Reader) <-chan scanned {
	out := make(chan scanned)
	send := func(s scanned) bool {
		select {
		case out <- s:
			return true
		case <-ctx.Done():
			return false
		}
	}
	go func() {
		defer close(out)
		scan := bufio.NewScanner(in)
		scan.Buffer(nil, MaxLine+2)
		for scan.Scan() {
			if !send(scanned{line: scan.Text()}) {
				return
			}
		}
		if err := scan.Err(); err != nil {
			send(scanned{err: err})
		}
	}()
	return out
}
