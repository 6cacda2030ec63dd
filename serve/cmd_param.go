package serve

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/users"
)

// The parameter commands: RFC 959 §4.1.2. A change that leads to a combination
// which can't be served is refused with 504, and the old one stays.

func (s *session) typeCmd(ctx context.Context, arg string) (proto.Reply, error) {
	t, err := proto.ParseType(arg)
	if err != nil {
		return proto.Reply{}, err
	}
	want := s.params
	want.Type = t
	return s.setParams(want, "Type is "+t.String()+".")
}

func (s *session) stru(ctx context.Context, arg string) (proto.Reply, error) {
	v, err := proto.ParseStru(arg)
	if err != nil {
		return proto.Reply{}, err
	}
	want := s.params
	want.Stru = v
	return s.setParams(want, "Structure is "+v.String()+".")
}

func (s *session) mode(ctx context.Context, arg string) (proto.Reply, error) {
	v, err := proto.ParseMode(arg)
	if err != nil {
		return proto.Reply{}, err
	}
	want := s.params
	want.Mode = v
	return s.setParams(want, "Mode is "+v.String()+".")
}

func (s *session) setParams(p proto.Params, text string) (proto.Reply, error) {
	if err := (data.Options{Params: p, Records: s.records()}).Supported(); err != nil {
		return proto.Reply{}, err
	}
	if s.params = p; p != channelParams() {
		s.dropChannel()
	}
	return proto.Replyf(proto.OK, "%s", text), nil
}

// records is how the user's files hold records.
func (s *session) records() data.Records {
	if s.user.Records == users.RDW {
		return data.RDW
	}
	return data.NoRecords
}

func featModeZ(*session) string {
	p := proto.Binary()
	p.Mode = proto.Deflate
	if data.Supported(p) != nil {
		return ""
	}
	return "MODE Z"
}

// REST: RFC 3659 §5 in stream mode; in modes B and C the marker is the one
// that ferry has sent, the position in the file (RFC 959 §3.5).
func (s *session) rest(ctx context.Context, arg string) (proto.Reply, error) {
	n, err := parseCount(arg)
	if err != nil {
		return proto.Reply{}, err
	}
	s.next = oneShot{offset: n, size: s.left.size}
	return proto.Replyf(proto.NeedMore, "Restarting at %d. Send the transfer command.", n), nil
}

// ALLO: RFC 959 §4.1.3. Nothing is reserved, but a file that can't fit is
// refused before it is sent. The record size ("R n") changes nothing.
func (s *session) allo(ctx context.Context, arg string) (proto.Reply, error) {
	words := strings.Fields(arg)
	if len(words) != 1 && (len(words) != 3 || !strings.EqualFold(words[1], "R")) {
		return proto.Reply{}, refuse(badArgument, "Syntax: ALLO <bytes> [R <record size>]")
	}
	size, err := parseCount(words[0])
	if err == nil && len(words) == 3 {
		_, err = parseCount(words[2])
	}
	if err != nil {
		return proto.Reply{}, err
	}
	if most := s.user.Limits.Largest; most > 0 && size > most {
		return proto.Reply{}, refuse(overQuota, "File too large: it may have %d bytes.", most)
	}
	free, err := s.store.Free(ctx)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		s.next.size = size
		return proto.Replyf(proto.Superfluous, "No allocation needed."), nil
	case err != nil:
		return proto.Reply{}, err
	case size > free && s.user.Limits.Bytes > 0:
		return proto.Reply{}, refuse(overQuota, "Not enough space: you may have %d bytes more.", free)
	case size > free:
		return proto.Reply{}, refuse(noSpace, "Not enough space: %d bytes are free.", free)
	}
	s.next.size = size
	return proto.Replyf(proto.OK, "There is room."), nil
}

// parseCount reads a number from 0 to 2^63-1; nothing else is let in.
func parseCount(arg string) (int64, error) {
	arg = strings.Trim(arg, " ")
	n, err := strconv.ParseUint(arg, 10, 63)
	if err != nil {
		return 0, refuse(badArgument, "Not a number from 0 to 9223372036854775807.")
	}
	return int64(n), nil
}
