package serve

import (
	"context"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"ferry/proto"
)

// SITE: RFC 959 §4.1.3. Its commands are rows of the table and pass the same
// gates as all others.
func (s *session) site(ctx context.Context, arg string) (proto.Reply, error) {
	word, rest, _ := strings.Cut(strings.TrimLeft(arg, " "), " ")
	verb := "SITE " + strings.ToUpper(word)
	if _, ok := s.srv.table[verb]; !ok {
		return proto.Reply{}, refuse(unknownCommand, "Unknown SITE command. SITE HELP lists what there is.")
	}
	return s.dispatch(ctx, proto.Command{Verb: verb, Arg: rest})
}

func (s *session) siteHelp(ctx context.Context, _ string) (proto.Reply, error) {
	lines := []string{"SITE commands:"}
	for _, verb := range s.srv.table.verbs() {
		if row := s.srv.table[verb]; strings.HasPrefix(verb, "SITE ") && row.run != nil {
			lines = append(lines, " "+row.help)
		}
	}
	return proto.Reply{Code: proto.Help, Lines: append(lines, "End")}, nil
}

// siteChmod sets permission bits, as chmod(1) with a number.
func (s *session) siteChmod(ctx context.Context, arg string) (proto.Reply, error) {
	bits, rest, _ := strings.Cut(arg, " ")
	mode, err := strconv.ParseUint(bits, 8, 32)
	if err != nil || mode > 0o777 || rest == "" {
		return proto.Reply{}, refuse(badArgument, "Syntax: SITE CHMOD <octal mode> <path>, modes from 000 to 777.")
	}
	name, err := resolve(s.cwd, rest)
	if err != nil {
		return proto.Reply{}, err
	}
	if err := s.store.SetMode(ctx, name, fs.FileMode(mode)); err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.OK, "Mode is %03o.", mode), nil
}

// siteIdle tells or sets how long a silence may last in this session.
func (s *session) siteIdle(ctx context.Context, arg string) (proto.Reply, error) {
	if strings.Trim(arg, " ") != "" {
		n, err := parseCount(arg)
		if err != nil {
			return proto.Reply{}, err
		}
		limit := max(maxIdle, s.srv.limits().Idle)
		if n < int64(minIdle/time.Second) || n > int64(limit/time.Second) {
			return proto.Reply{}, refuse(badParameter, "The idle time may be %d to %d seconds.", minIdle/time.Second, limit/time.Second)
		}
		s.idle = time.Duration(n) * time.Second
	}
	return proto.Replyf(proto.OK, "The idle time is %d seconds.", s.silence()/time.Second), nil
}
