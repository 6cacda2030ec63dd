package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"ferry/proto"
)

// A server's log has two events beside its own troubles: "command" (debug
// level, but info for logins and failures worth a look) and "transfer". What
// they say stands in attributes. Names are quoted by the handlers of log/slog.
//
// SECURITY: secrets can't come here: proto.Command and proto.Secret print as
// stars; control characters in names can't forge lines (slog quotes them).

// LogFormat is how log lines are written.
type LogFormat int

const (
	LogText LogFormat = iota // key=value
	LogJSON                  // one object a line
)

// ParseLogFormat reads "text" or "json".
func ParseLogFormat(word string) (LogFormat, error) {
	return oneOf(word, []string{"text", "json"}, []LogFormat{LogText, LogJSON})
}

// NewLogger writes events of a level and above. Times are UTC.
func NewLogger(w io.Writer, format LogFormat, level slog.Leveler) *slog.Logger {
	o := &slog.HandlerOptions{Level: level, ReplaceAttr: inUTC}
	if format == LogJSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func inUTC(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}

// logCommand tells a command and its reply.
func (srv *Server) logCommand(s *session, cmd proto.Command, reply proto.Reply, took time.Duration) {
	level := commandLevel(cmd, reply)
	if !srv.cfg.Logger.Enabled(context.Background(), level) {
		return
	}
	srv.cfg.Logger.LogAttrs(context.Background(), level, "command",
		slog.Uint64("sid", s.id),
		slog.String("peer", s.peer.String()),
		slog.String("user", s.gauge.userName()),
		slog.Any("command", cmd),
		slog.Int("code", int(reply.Code)),
		slog.Duration("took", took))
}

// commandLevel makes logins, and refusals of them, appear in a normal log.
func commandLevel(cmd proto.Command, reply proto.Reply) slog.Level {
	switch {
	case reply.Code == proto.LoggedIn, reply.Code == proto.Unavailable:
		return slog.LevelInfo
	case reply.Code == proto.NotLoggedIn && (cmd.Verb == "PASS" || cmd.Verb == "USER" || cmd.Verb == "ACCT"):
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// logTransfer tells a transfer that ended.
func (srv *Server) logTransfer(s *session, e transferEvent) {
	level := slog.LevelInfo
	if e.Err != nil {
		level = slog.LevelWarn
	}
	if !srv.cfg.Logger.Enabled(context.Background(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.Uint64("sid", s.id),
		slog.String("peer", s.peer.String()),
		slog.String("user", s.gauge.userName()),
		slog.String("verb", e.Verb),
		slog.String("path", e.Path),
		slog.Int64("bytes", e.Bytes),
		slog.Duration("took", e.Took),
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("err", e.Err.Error()))
	}
	if e.Unsealed {
		attrs = append(attrs, slog.Bool("unsealed", true))
	}
	srv.cfg.Logger.LogAttrs(context.Background(), level, "transfer", attrs...)
}

// traceTo writes the wire traces of all sessions as one transcript. A comment
// tells whose lines follow.
func traceTo(w io.Writer) Tracer {
	var mu sync.Mutex
	var speaking uint64
	return func(session uint64) proto.Trace {
		return func(from proto.Direction, line string) {
			mu.Lock()
			defer mu.Unlock()
			if speaking != session {
				speaking = session
				fmt.Fprintf(w, "# session %d\n", session)
			}
			fmt.Fprintf(w, "%c: %s\n", from, printable(line))
		}
	}
}

// printable replaces what a terminal would obey.
//
// SECURITY: what a stranger sends must not steer the administrator's terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}
