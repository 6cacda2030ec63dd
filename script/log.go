package script

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"ferry/proto/list"
)

// logbook is --log: everything that is told and all of the dialogue, quiet or
// not, each line with its time. It is nil-safe: without one nothing is kept.
type logbook struct {
	mu  sync.Mutex
	to  io.Writer
	now func() time.Time
	err error // the first write that failed; the run's end tells of it
}

func newLogbook(to io.Writer, now func() time.Time) *logbook {
	if to == nil {
		return nil
	}
	return &logbook{to: to, now: now}
}

// logTime is how times are written: RFC 3339, to the millisecond.
const logTime = "2006-01-02T15:04:05.000Z07:00"

// line writes lines of text.
func (l *logbook) line(text string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.now().Format(logTime)
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		if _, err := fmt.Fprintf(l.to, "%s %s\n", at, list.Printable(strings.TrimRight(line, "\n"))); err != nil && l.err == nil {
			l.err = err
		}
	}
}

// wire writes a line of the dialogue, as debug shows it.
//
// SECURITY: proto.Trace gets commands with their secrets starred.
func (l *logbook) wire(line string) { l.line(line) }

// logged is a logbook as a writer of whole lines.
type logged struct{ *logbook }

func (l logged) Write(p []byte) (int, error) {
	l.line(string(p))
	return len(p), nil
}

func (l *logbook) failed() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
