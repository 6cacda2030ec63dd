package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// if runs the lines behind it when its condition holds, else those behind else.
func ifThen(ctx context.Context, st *State, a Args) error {
	c, err := readCondition(a.typed)
	if err != nil {
		return err
	}
	ok, err := st.holds(a, func() (bool, error) { return c.test(ctx, st, a.Words) })
	switch {
	case err != nil:
		return err
	case ok:
		return st.sequence(ctx, a.Body)
	}
	return st.sequence(ctx, a.Else)
}

func checkIf(a Args) error {
	_, err := readCondition(a.typed)
	return err
}

// forEach runs its lines once for each value.
func forEach(ctx context.Context, st *State, a Args) error {
	values, err := st.decided(a, func() ([]Word, error) { return st.turns(ctx, a) })
	if err != nil {
		return err
	}
	names := turnNames(a, values)
	for i, v := range values {
		err := st.turn(ctx, a, v, names[i])
		var j *jump
		switch {
		case errors.As(err, &j) && j.out:
			return nil
		case errors.As(err, &j):
		case err != nil:
			return err
		}
	}
	return nil
}

// turn runs the lines of a for once.
func (st *State) turn(ctx context.Context, a Args, value Word, name string) error {
	st.vars[a.Text(0)] = value
	leave := st.enter(name)
	defer leave()
	return st.sequence(ctx, a.Body)
}

// turnNames tell the turns of a loop apart: line, value, and which of the
// turns with this value it is.
func turnNames(a Args, values []Word) []string {
	names, seen := make([]string, len(values)), map[string]int{}
	for i, v := range values {
		shown := v.Text
		if v.secret || secretName(a.Text(0)) {
			shown = stars
		}
		seen[shown]++
		names[i] = fmt.Sprintf("%d:%s", a.at.Line, shown)
		if n := seen[shown]; n > 1 {
			names[i] += fmt.Sprintf("#%d", n)
		}
	}
	return names
}

func checkFor(a Args) error {
	switch {
	case !validName(a.Text(0)):
		return &CallError{Verb: a.Verb, Col: a.Words[0].Col, What: fmt.Sprintf("%q can't be a variable's name", a.Text(0))}
	case a.Text(1) != "in":
		return &CallError{Verb: a.Verb, Col: a.Words[1].Col, What: "in is wanted here", Hint: "for x in a b c; for x in *.csv; for x in remote:*.csv; for x in lines:names.txt"}
	}
	return nil
}

// turns are the values of a for: words as they are, the names that a pattern
// matches here or there, the lines of a file. No match is no failure: there is
// nothing to do.
func (st *State) turns(ctx context.Context, a Args) (values []Word, err error) {
	for i, w := range a.Words {
		if i < 2 {
			continue
		}
		more, err := st.turnsOf(ctx, a.typed[i], w)
		if err != nil {
			return nil, err
		}
		if values = append(values, more...); len(values) > MaxTurns {
			return nil, fmt.Errorf("more than %d turns", MaxTurns)
		}
	}
	return values, nil
}

func (st *State) turnsOf(ctx context.Context, typed, w Word) ([]Word, error) {
	var names []match
	var err error
	switch {
	case typed.begins("lines:"):
		return st.linesOf(w.Text[len("lines:"):])
	case typed.begins("remote:"):
		if err := st.ready(ctx, Login); err != nil {
			return nil, err
		}
		names, err = st.remoteNames(ctx, w.cut(len("remote:"), len(w.Text)))
	case !w.Pattern() || !st.Settings.Glob:
		return []Word{w.literal()}, nil
	default:
		names, err = st.localNames(ctx, w)
	}
	values := make([]Word, len(names))
	for i, m := range names {
		values[i] = Literal(m.path)
	}
	return values, noMatchIsNo(err)
}

// linesOf are the lines of a local file, but for empty ones.
func (st *State) linesOf(name string) ([]Word, error) {
	f, err := os.Open(st.Local(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxScript+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > MaxScript:
		return nil, fmt.Errorf("%s: a list has at most %d MiB", name, MaxScript>>20)
	}
	var values []Word
	for line := range strings.Lines(decodeText(string(text))) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			values = append(values, Literal(line))
		}
	}
	return values, nil
}

// jump is break or continue on its way to its loop.
type jump struct{ out bool }

func (j *jump) Error() string { return "there is no for around it" }

func leaveLoop(context.Context, *State, Args) error { return &jump{out: true} }
func nextTurn(context.Context, *State, Args) error  { return &jump{} }

// retry runs its lines again when one of them fails. Mistakes of the script
// are not tried again.
func retry(ctx context.Context, st *State, a Args) error {
	most, delay, err := retryWords(a)
	if err != nil {
		return err
	}
	before := st.try
	st.strict++
	defer func() { st.try, st.strict = before, st.strict-1 }()
	for n := 0; ; n++ {
		st.try = n
		err := st.sequence(ctx, a.Body)
		if err == nil || n == most || leaves(err) || ctx.Err() != nil || usage(err) {
			return err
		}
		PrintError(st.Err, err)
		st.say("again in %s: %d of %d", delay, n+1, most)
		if err := pause(ctx, delay); err != nil {
			return err
		}
	}
}

func retryWords(a Args) (most int, delay time.Duration, err error) {
	if most, err = strconv.Atoi(a.Text(0)); err != nil || most < 1 || most > MaxTries {
		return 0, 0, &CallError{Verb: a.Verb, Col: a.Words[0].Col, What: fmt.Sprintf("%q is no number from 1 to %d", a.Text(0), MaxTries)}
	}
	delay = retryDelay
	if a.Len() > 1 {
		delay, err = parseSpan(a, 1)
	}
	return most, delay, err
}

func checkRetry(a Args) error {
	if a.unknown() {
		return nil
	}
	_, _, err := retryWords(a)
	return err
}

// timeout ends its lines when they take too long.
func timeout(ctx context.Context, st *State, a Args) error {
	d, err := parseSpan(a, 0)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, d, &TimeoutError{After: d})
	defer cancel()
	return st.sequence(ctx, a.Body)
}

func checkTimeout(a Args) error {
	if a.unknown() {
		return nil
	}
	_, err := parseSpan(a, 0)
	return err
}

// unknown reports whether a word of the call is not known before it runs.
func (a Args) unknown() bool {
	for _, w := range a.typed {
		if strings.Contains(w.Text, "${") {
			return true
		}
	}
	return false
}

// parseSpan reads word i as a time that is not zero.
func parseSpan(a Args, i int) (time.Duration, error) {
	d, err := parseDuration(a.Text(i))
	if err != nil || d <= 0 {
		return 0, &CallError{Verb: a.Verb, Col: a.Words[i].Col, What: fmt.Sprintf("%q is no time such as 30s or 2m", a.Text(i))}
	}
	return d, nil
}

// TimeoutError is a block that took longer than it may.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string { return fmt.Sprintf("not done within %s", e.After) }

// Unwrap makes it one of the time limits for exit codes.
func (e *TimeoutError) Unwrap() error { return context.DeadlineExceeded }

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// enter notes on the path of operations where a turn or a call begins.
func (st *State) enter(name string) (leave func()) {
	st.path = append(st.path, name)
	n := len(st.path) - 1
	return func() { st.path = st.path[:n] }
}
