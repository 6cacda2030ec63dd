package serve

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ferry/proto"
	"ferry/serve/live"
)

// FEAT: RFC 2389 §3: the lines of the table, nothing else.
func (s *session) feat(ctx context.Context, _ string) (proto.Reply, error) {
	var lines []string
	for _, verb := range s.srv.table.verbs() {
		row := s.srv.table[verb]
		if row.feat == nil || row.run == nil {
			continue
		}
		if line := row.feat(s); line != "" {
			lines = append(lines, line)
		}
	}
	return proto.FeatReply(lines), nil
}

// HELP: RFC 959 §4.1.3. An asterisk marks what is known and not served.
func (s *session) help(ctx context.Context, arg string) (proto.Reply, error) {
	if arg = strings.ToUpper(strings.TrimSpace(arg)); arg != "" {
		return s.helpOn(arg)
	}
	lines := []string{"Commands (* is not served):"}
	lines = append(lines, columns(s.srv.table, func(verb string) bool { return !strings.Contains(verb, " ") })...)
	lines = append(lines, "HELP <command> tells its syntax.")
	return proto.Reply{Code: proto.Help, Lines: lines}, nil
}

func (s *session) helpOn(verb string) (proto.Reply, error) {
	row, ok := s.srv.table[verb]
	switch {
	case !ok:
		return proto.Reply{}, refuse(unknownParameter, "No such command.")
	case row.run == nil:
		return proto.Replyf(proto.Help, "%s is not served (%s).", verb, row.source()), nil
	case row.rfc == "":
		return proto.Replyf(proto.Help, "Syntax: %s", row.help), nil
	}
	return proto.Replyf(proto.Help, "Syntax: %s (%s)", row.help, row.source()), nil
}

// columns sets verbs in lines of eight.
func columns(t table, want func(verb string) bool) []string {
	var lines []string
	var line strings.Builder
	n := 0
	for _, verb := range t.verbs() {
		if !want(verb) {
			continue
		}
		if t[verb].run == nil {
			verb += "*"
		}
		fmt.Fprintf(&line, " %-8s", verb)
		if n++; n%8 == 0 {
			lines = append(lines, strings.TrimRight(line.String(), " "))
			line.Reset()
		}
	}
	if line.Len() > 0 {
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}

// SYST: RFC 959 §4.1.3. What clients take for granted about listings and
// names of a system with this name holds.
func (s *session) syst(ctx context.Context, _ string) (proto.Reply, error) {
	return proto.Replyf(proto.SystemType, "UNIX Type: L8"), nil
}

// NOOP: RFC 959 §4.1.3.
func (s *session) noop(ctx context.Context, _ string) (proto.Reply, error) {
	return proto.Replyf(proto.OK, "Here I am."), nil
}

// STAT: RFC 959 §4.1.3: the state of the session or of the transfer under
// way, or a listing.
func (s *session) stat(ctx context.Context, arg string) (proto.Reply, error) {
	if strings.Trim(arg, " ") != "" {
		return s.statPath(ctx, arg)
	}
	lines := []string{
		"Status of this session:",
		"From " + s.peer.String() + " as " + s.user.Name,
		"In " + s.cwd,
		s.params.String(),
		s.protection(),
	}
	if s.xfer != nil {
		lines = append(lines, progress(s.xfer.info(), time.Now()))
	} else {
		lines = append(lines, "No transfer under way")
	}
	return proto.Reply{Code: proto.SystemStatus, Lines: append(lines, "End")}, nil
}

func progress(t live.Transfer, now time.Time) string {
	took := now.Sub(t.Since).Seconds()
	rate := 0.0
	if took > 0 {
		rate = float64(t.Bytes) / took
	}
	return fmt.Sprintf("%s %s: %d bytes in %.1f s, %.0f bytes/s", t.Verb, t.Path, t.Bytes, took, rate)
}
