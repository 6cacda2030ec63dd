package hook

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Run runs the program of a rule with more words, and input. status is how it
// ended; an error means that it has no status: it could not be started, or was
// ended.
type Run func(ctx context.Context, rule int, more []string, input []byte) (status int, out string, err error)

// Tell has the program of a rule run in its turn; done is called with how that went,
// if Tell has not failed.
type Tell func(rule int, more []string, input []byte, done func(status int, out string, err error)) error

// Direct runs the programs of rules in this process's own children.
func Direct(rules []Rule) Run {
	return func(ctx context.Context, rule int, more []string, input []byte) (int, string, error) {
		return start(ctx, rules[rule].Program, more, input)
	}
}

// start runs one program to its end.
//
// SECURITY: no shell reads what strangers have written; the words arrive as they
// are. The environment has nothing of the server's.
func start(ctx context.Context, program, more []string, input []byte) (int, string, error) {
	cmd := exec.CommandContext(ctx, program[0], append(slices.Clone(program[1:]), more...)...)
	cmd.Stdin, cmd.Env, cmd.WaitDelay = bytes.NewReader(input), environment(), time.Second
	out := &head{}
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return -1, out.String(), ctx.Err()
	case errors.As(err, &exit) && exit.Exited():
		return exit.ExitCode(), out.String(), nil
	case errors.Is(err, exec.ErrWaitDelay): // it has left children with its output
		return 0, out.String(), nil
	case err != nil:
		return -1, out.String(), err
	}
	return 0, out.String(), nil
}

// environment is what programs need to find others, and to know their language.
func environment() (env []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch strings.ToUpper(name) {
		case "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "COMSPEC", "PATHEXT":
			env = append(env, v)
		default:
			if strings.HasPrefix(name, "LC_") {
				env = append(env, v)
			}
		}
	}
	return env
}

// head keeps the beginning of what is written to it. The buffer is not embedded:
// its ReadFrom would take all.
type head struct{ kept bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.kept.Write(p[:min(len(p), maxOutput-h.kept.Len())])
	return len(p), nil
}

func (h *head) String() string { return h.kept.String() }
