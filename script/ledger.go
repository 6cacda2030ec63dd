package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script/bulk"
	"ferry/script/report"
)

// ledger is the report of a run while it grows, and its stream of events.
type ledger struct {
	stream  *report.Stream // nil: nobody listens
	counted bool           // only the sums are wanted: a script may run a million lines
	now     func() time.Time

	mu  sync.Mutex // jobs write at the same time
	doc *report.Report
}

// opID tells a line of the script, and the way to it, from all others.
func opID(op Op) string {
	id := strconv.Itoa(op.Pos.Line) + ":" + strconv.Itoa(op.Pos.Col)
	if op.Path != "" {
		id += " " + op.Path
	}
	if op.Try > 1 {
		id += " try " + strconv.Itoa(op.Try)
	}
	return id
}

func (l *ledger) begin(op Op) {
	l.stream.Send(report.Event{Kind: report.LineBegins, ID: opID(op), Line: op.Pos.Line, Text: op.String()})
}

// line takes in what became of a line.
func (l *ledger) line(op Op, o Outcome, changes []string) {
	e := report.Operation{
		ID: opID(op), File: list.Printable(op.Pos.File), Line: op.Pos.Line, Col: op.Pos.Col, Verb: op.Verb,
		Text: op.String(), Site: list.Printable(op.site), Status: statusOf(o), Reply: replyTo(o),
		Exit: ExitCode(o.Err), Seconds: report.Seconds(o.Took), Began: l.now().Add(-o.Took),
		Attempts: 1, Changes: changes,
	}
	if o.Err != nil {
		e.Error, e.Hint = list.Printable(cause(o.Err)), list.Printable(HintOf(o.Err))
	}
	for _, r := range o.Results {
		f := fileOf(r)
		e.Files = append(e.Files, f)
		e.Bytes += f.Bytes
		e.Attempts = max(e.Attempts, f.Attempts)
	}
	if len(changes) > 0 {
		e.Status = report.Planned
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counted {
		l.doc.Count(e)
	} else {
		l.doc.Add(e)
	}
	l.stream.Send(report.Event{Kind: report.LineEnds, ID: e.ID, Operation: &e})
}

func statusOf(o Outcome) report.Status {
	switch {
	case o.Err == nil && o.Left:
		return report.Resumed
	case o.Err == nil || leaves(o.Err):
		return report.Done
	case o.Ignored:
		return report.Ignored
	case interruption(o.Err):
		return report.Interrupted
	}
	return report.Failed
}

// interruption reports whether a run was ended from outside.
func interruption(err error) bool {
	var signal interface{ ExitStatus() int }
	var late *DeadlineError
	return errors.As(err, &signal) || errors.As(err, &late) || errors.Is(err, context.Canceled)
}

// replyTo is what the server said to a line: the reason of a failure, else the
// last word about its files, else its last words. Sessions that move files talk
// at the same time, so what was heard last may be about another line.
func replyTo(o Outcome) *report.Reply {
	var refused *proto.ReplyError
	if errors.As(o.Err, &refused) {
		return replyOf(refused.Reply)
	}
	for _, r := range slices.Backward(o.Results) {
		if r.Reply.Code != 0 {
			return replyOf(r.Reply)
		}
	}
	return parseReply(o.Reply)
}

// parseReply reads the last line of a reply.
func parseReply(line string) *report.Reply {
	if len(line) < 3 {
		return nil
	}
	code, err := strconv.Atoi(line[:3])
	if err != nil || code < 100 {
		return nil
	}
	return &report.Reply{Code: code, Text: list.Printable(strings.TrimLeft(line[3:], " -"))}
}

func replyOf(r proto.Reply) *report.Reply {
	if r.Code == 0 {
		return nil
	}
	return &report.Reply{Code: int(r.Code), Text: list.Printable(r.Text())}
}

// fileOf is a result as the report has it.
func fileOf(r bulk.Result) report.File {
	f := report.File{
		Direction: report.Direction(r.Direction), Local: list.Printable(r.Item.Local), Remote: list.Printable(r.Item.Remote),
		Size: max(r.Size, -1), Bytes: r.Bytes, Resumed: r.Resumed, Verified: r.Verified,
		Attempts: 1, Seconds: report.Seconds(r.Took), Why: list.Printable(r.Why),
	}
	switch r.Kind {
	case bulk.Done:
		f.Status = report.Done
	case bulk.Skipped:
		f.Status = report.Skipped
	default:
		f.Status = report.Failed
	}
	if r.Why == doneBefore {
		f.Status = report.Resumed
	}
	if r.Hash != "" {
		f.Hash = &report.Hash{Algorithm: r.Verified, Hex: r.Hash}
	}
	var refused *proto.ReplyError
	if f.Reply = replyOf(r.Reply); errors.As(r.Err, &refused) {
		f.Reply = replyOf(refused.Reply)
	}
	if r.Err != nil {
		f.Error = list.Printable(cause(r.Err))
	}
	return f
}

// file tells the stream of one file.
func (l *ledger) file(op Op, e bulk.Event) {
	if l.stream == nil {
		return
	}
	ev := report.Event{
		ID: opID(op), Direction: report.Direction(e.Direction), Local: list.Printable(e.Item.Local), Remote: list.Printable(e.Item.Remote),
		Size: max(e.Size, 0), Moved: e.Moved, Files: e.Files, Why: list.Printable(e.Why),
	}
	switch e.Kind {
	case bulk.Planned:
		ev.Kind = report.Planning
	case bulk.Started:
		ev.Kind = report.FileBegins
	case bulk.Progress:
		ev.Kind = report.Progress
	case bulk.Retried:
		ev.Kind = report.Retry
	case bulk.Done, bulk.Failed, bulk.Skipped:
		ev.Kind = report.FileEnds
		if e.Result != nil {
			f := fileOf(*e.Result)
			ev.File = &f
		}
	default:
		return
	}
	l.stream.Send(ev)
}

// end notes how the run ended.
func (l *ledger) end(err error, planned bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	code := ExitCode(err)
	var partial *PartialError
	s := report.Failed
	switch {
	case planned && (code == exitDone || code == exitPlan):
		s = report.Planned
	case code == exitDone:
		s = report.Done
	case errors.As(err, &partial):
		s = report.Partial
	case interruption(err):
		s = report.Interrupted
	}
	text, hint := "", ""
	if err != nil && !leaves(err) {
		text, hint = inLine(err), list.Printable(HintOf(err))
	}
	l.doc.End(s, code, text, hint, l.now())
	summary := l.doc.Summary
	l.stream.Send(report.Event{Kind: report.RunEnds, Summary: &summary})
}

// totals is the run in a line for people.
func (l *ledger) totals() string {
	s := l.doc.Summary
	text := fmt.Sprintf("%s: %s", s.Status, count(s.Lines, "line"))
	for _, part := range []struct {
		n    int
		what string
	}{{s.Resumed, "done before"}, {s.Ignored, "ignored"}, {s.Failed, "failed"}} {
		if part.n > 0 {
			text += fmt.Sprintf(" (%d %s)", part.n, part.what)
		}
	}
	if s.Files > 0 {
		text += fmt.Sprintf(", %s, %d bytes", count(s.Files, "file"), s.Bytes)
	}
	return text + fmt.Sprintf(", %.1f s", s.Seconds)
}

func count(n int, what string) string { return list.Count(n, what, what+"s") }
