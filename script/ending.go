package script

import (
	"context"
	"errors"
)

// ending is how a run ends, as its at-end blocks see it.
type ending struct {
	status  int
	message string
}

// atEnd keeps lines for the end of the run.
func atEnd(_ context.Context, st *State, a Args) error {
	st.atEnd = append(st.atEnd, a.Body)
	return nil
}

// finish runs what at-end has kept, however the run has ended: err is how. It
// returns how it ends now. After a signal or a deadline there is less time.
func (st *State) finish(ctx context.Context, err error) error {
	blocks := st.atEnd
	st.atEnd = nil
	if len(blocks) == 0 {
		return err
	}
	bound := atEndTime
	if ctx.Err() != nil {
		bound = lastWords
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), bound, &TimeoutError{After: bound})
	defer cancel()
	st.ending = &ending{status: ExitCode(st.result(err))}
	if st.ending.status != 0 {
		st.ending.message = st.result(err).Error()
	}
	st.mends, st.strict, st.path = true, 0, nil
	for _, lines := range blocks {
		late := st.settle(ctx, st.sequence(ctx, lines))
		var exit *Exit
		switch {
		case late == nil || errors.As(late, &exit) && exit.Code == 0:
		case st.ending.status == 0 && st.result(err) == nil:
			err = late
		case exit == nil:
			PrintError(st.Err, late)
		}
	}
	return err
}

// result is the error that a run ends with: lines that failed on the way count
// when nothing worse has happened, and a quit is no failure.
func (st *State) result(err error) error {
	var exit *Exit
	if errors.As(err, &exit) && exit.Code == 0 {
		err = nil
	}
	if err == nil && len(st.failed) > 0 {
		return &PartialError{Failed: st.failed}
	}
	return err
}

// lastStatus is the exit code of the last line; at the end that of the run.
func (st *State) lastStatus() int {
	if st.ending != nil {
		return st.ending.status
	}
	return st.status
}

func (st *State) lastError() string {
	if st.ending != nil {
		return st.ending.message
	}
	return st.message
}
