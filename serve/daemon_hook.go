package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"ferry/serve/hook"
	"ferry/serve/live"
)

// Told is who is told what happens.
type Told struct {
	Hooks    []string // EVENT=PROGRAM ARG…
	Webhooks []string // EVENT=URL
	Secret   string   // file of what signs; "": nothing does
	Queue    string   // directory of what is still to be delivered; "": in the state directory
}

// rules reads the flags.
func (t Told) rules() (all []hook.Rule, err error) {
	for _, text := range t.Hooks {
		kinds, target, err := hook.ParseRule(text)
		words := strings.Fields(target)
		if err == nil && len(words) == 0 {
			err = errors.New("no program is named")
		}
		if err != nil {
			return nil, usage("serve: --hook: %w", err)
		}
		all = append(all, hook.Rule{Kinds: kinds, Program: words})
	}
	for _, text := range t.Webhooks {
		kinds, target, err := hook.ParseRule(text)
		switch {
		case err != nil:
		case slices.Contains(kinds, hook.Veto):
			err = fmt.Errorf("%s wants a program: --hook", hook.Veto)
		default:
			err = hook.CheckURL(target)
		}
		if err != nil {
			return nil, usage("serve: --webhook: %w", err)
		}
		all = append(all, hook.Rule{Kinds: kinds, URL: target})
	}
	return all, nil
}

// telling is the hooks of a daemon at work.
type telling struct {
	hooks  *hook.Hooks
	runner *hook.Runner // nil: programs are run from here
	secret []byte
	rules  []hook.Rule
	over   *atomic.Bool // the runner ends because it should
}

// newTelling reads what only root may be able to read.
func (d Daemon) newTelling() (t telling, err error) {
	t.over = new(atomic.Bool)
	if t.rules, err = d.Told.rules(); err != nil || d.Told.Secret == "" {
		return t, err
	}
	if t.secret, err = hook.ReadSecret(d.Told.Secret); err != nil {
		return t, &StartError{fmt.Errorf("serve: --webhook-secret: %w", err), "it wants a file with one line, which the receiver has too"}
	}
	return t, nil
}

// start begins to tell; it comes behind root and before Landlock.
//
// SECURITY: programs run as whom the server runs, but outside of Landlock: a
// scanner needs its signatures, and Landlock is inherited. A process of their
// own runs them, which knows no programs but those of the command line.
func (t *telling) start(d Daemon, log *slog.Logger) error {
	if len(t.rules) == 0 {
		return nil
	}
	run, queue := hook.Direct(t.rules), ""
	if slices.ContainsFunc(t.rules, func(r hook.Rule) bool { return r.URL != "" }) {
		var err error
		if queue, err = d.queueDir(); err != nil {
			return &StartError{fmt.Errorf("serve: --webhook: %w", err), "--webhook-queue DIR names a directory for what is still to be delivered"}
		}
	}
	var pass hook.Tell
	if (d.Confine == Confined || d.Handed.Parent != nil) && slices.ContainsFunc(t.rules, func(r hook.Rule) bool { return len(r.Program) > 0 }) {
		runner, err := hook.StartRunner(t.rules, hookRunner)
		if err != nil {
			return &StartError{fmt.Errorf("serve: --hook: %w", err), "--no-landlock runs programs from the server itself"}
		}
		t.runner, run, pass = runner, runner.Run, runner.Tell
		go t.miss(d, log)
	}
	var err error
	if t.hooks, err = hook.New(t.rules, run, pass, queue, t.secret, log); err != nil {
		t.close(context.Background())
		return &StartError{fmt.Errorf("serve: %w", err), "--webhook-queue DIR names a directory that whoever ferry runs as may write"}
	}
	return nil
}

// miss has a server without its runner replaced, if there is somebody to do that:
// it may not start another one itself.
func (t *telling) miss(d Daemon, log *slog.Logger) {
	<-t.runner.Ended()
	if t.over.Load() {
		return
	}
	log.Error("the process that runs hooks has ended: none is run, and uploads that a hook decides about are refused", "hint", "start the server again")
	if w := d.Handed.Parent; w != nil {
		_ = w.Wish("the process that runs hooks has ended") // a parent that is gone ends us anyway
	}
}

// keeps is the directory that must stay within reach; "" none.
func (t *telling) keeps(d Daemon) []string {
	if t.hooks == nil || !slices.ContainsFunc(t.rules, func(r hook.Rule) bool { return r.URL != "" }) {
		return nil
	}
	dir, err := d.queueDir()
	if err != nil {
		return nil
	}
	return []string{dir}
}

func (d Daemon) queueDir() (string, error) {
	if d.Told.Queue != "" {
		return filepath.Abs(d.Told.Queue)
	}
	if d.NoState {
		return "", errors.New("--no-state leaves no place for what is still to be delivered")
	}
	dir, err := stateDir()
	return filepath.Join(dir, "webhooks"), err
}

// join makes a server tell.
func (t *telling) join(cfg *Config) {
	if t.hooks == nil {
		return
	}
	cfg.Observe = observers(cfg.Observe, t.hooks.Observe)
	cfg.Fingerprints, cfg.SentFingerprints = t.hooks.Wants(live.Upload), t.hooks.Wants(live.Download)
	if t.hooks.Vetoes() {
		cfg.Examine = t.examine
	}
}

func (t *telling) examine(ctx context.Context, e live.Event, file string) error {
	err := t.hooks.Examine(ctx, e, file)
	if errors.Is(err, hook.ErrRejected) {
		return ErrRejected
	}
	return err
}

// close waits a moment for what is under way.
func (t *telling) close(ctx context.Context) {
	if t.hooks != nil {
		t.hooks.Close(ctx)
	}
	if t.runner != nil {
		t.over.Store(true)
		_ = t.runner.Close() // how it ended is nobody's business any more
	}
}

// hookRunner is the command that programs are run by.
const hookRunner = "hook-runner"
