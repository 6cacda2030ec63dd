package script

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"time"
)

// notify runs the command for runs that failed: as its own arguments, without
// a shell, and with what happened in its environment.
//
// SECURITY: nothing of the run is put into the command's words, and no secret
// into its environment.
func (w *watch) notify(ctx context.Context, err error) error {
	code := ExitCode(err)
	if code == exitDone || code == exitPlan || len(w.books.OnFailure) == 0 {
		return nil
	}
	// A run that was interrupted tells of it too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxNotify)
	defer cancel()
	argv := w.books.OnFailure
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.WaitDelay = time.Second
	cmd.Stdout, cmd.Stderr = w.cfg.Err, w.cfg.Err
	line, verb := failedLine(err)
	cmd.Env = append(cleanEnv(),
		"FERRY_STATUS="+strconv.Itoa(code),
		"FERRY_ERROR="+inLine(err),
		"FERRY_SCRIPT="+shownFile(w.file),
		"FERRY_LINE="+strconv.Itoa(line),
		"FERRY_VERB="+verb,
		"FERRY_REPORT="+w.books.Report,
	)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("--on-failure %s: %w", argv[0], err)
	}
	return nil
}

// splitWords reads a command line into its words, as the language quotes them.
func splitWords(line string) ([]string, error) {
	lx, err := lex(line, 1)
	if err == nil && lx.op != 0 {
		err = &SyntaxError{Col: lx.at, What: string(lx.op) + " is the shell's, and there is none here", Hint: "sh -c '…' runs one"}
	}
	return texts(lx.words), err
}

// failedLine is where a run failed; 0 and "" when that was in no line.
func failedLine(err error) (line int, verb string) {
	var e *Error
	if errors.As(err, &e) {
		return e.Line, e.Verb
	}
	var partial *PartialError
	if errors.As(err, &partial) && len(partial.Failed) > 0 {
		return failedLine(partial.Failed[0])
	}
	return 0, ""
}
