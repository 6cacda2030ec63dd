package serve

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/store"
)

// RANG: draft-bryan-ftp-range-08: the next RETR, STOR, APPE or HASH is for
// these bytes only, the last one included. Like REST it holds for one command.
// "RANG 1 0" takes it back, and so does a range that is refused.
func (s *session) rang(ctx context.Context, arg string) (proto.Reply, error) {
	words := strings.Fields(arg)
	if len(words) != 2 {
		return proto.Reply{}, refuse(badArgument, "Syntax: RANG <first byte> <last byte>")
	}
	first, err := parseCount(words[0])
	if err != nil {
		return proto.Reply{}, err
	}
	last, err := parseCount(words[1])
	switch {
	case err != nil:
		return proto.Reply{}, err
	case first == 1 && last == 0:
		return proto.Replyf(proto.NeedMore, "The whole file again."), nil
	case first > last:
		return proto.Reply{}, refuse(badArgument, "The first byte is behind the last.")
	}
	until := last
	if last < math.MaxInt64 {
		until++
	}
	s.next = oneShot{offset: first, until: until, size: s.left.size}
	return proto.Replyf(proto.NeedMore, "Bytes %d to %d. Send the transfer command.", first, last), nil
}

// restartable refuses a place in the file that would not count bytes of it.
// RFC 3659 §5.1: STREAM positions count what is sent; where that is not what
// the file holds, the place in the file is not known without reading it all.
// In modes B and C the marker is ours, and always a place in the file; but
// ranges are for streams only.
func (s *session) restartable() error {
	p := s.params
	stream := p.Mode == proto.Stream || p.Mode == proto.Deflate
	p.Mode = proto.Stream
	switch {
	case s.left.until > 0 && !(stream && p.Identity()):
		return refuse(badParameter, "RANG works in TYPE I, STRU F and MODE S.")
	case s.left.offset > 0 && stream && !p.Identity():
		return refuse(badParameter, "REST works in TYPE I and STRU F, or in MODE B.")
	}
	return nil
}

// span is the part of a file of that size that REST or RANG has asked for.
// Draft §4.3: what lies behind the end of the file is not sent.
func (o oneShot) span(size int64) (from, to int64, err error) {
	switch {
	case o.until > 0:
		return min(o.offset, size), min(o.until, size), nil
	case o.offset > size:
		return 0, 0, store.ErrOffset
	}
	return o.offset, size, nil
}

// ranged is the file between two places, where it stands at the first. It
// goes on growing with the file if nobody asked for an end.
func ranged(f io.Reader, o oneShot, from, to int64) io.Reader {
	if o.until == 0 {
		return f
	}
	return &io.LimitedReader{R: f, N: to - from}
}

// whole reports an upload that did not fill its range.
func (o oneShot) whole(n int64) error {
	if o.until > 0 && n != o.until-o.offset {
		return refuse(brokenOff, "%d bytes came, the range has %d.", n, o.until-o.offset)
	}
	return nil
}

// allCame reports an upload that ended, unsealed, before all the bytes that ALLO
// had told: whoever cuts nothing but the data connection ends it as its sender
// would. What came is kept as of any broken upload. Types, structures and modes
// other than the plainest may make less of a file on the way.
func (s *session) allCame(o oneShot, verb string, n int64) error {
	if verb != "STOR" || s.params != proto.Binary() || o.until > 0 || o.offset+n >= o.size {
		return nil
	}
	return refuse(brokenOff, "%d bytes came, %d were announced.", o.offset+n, o.size)
}

// mostBytes bounds what an upload may bring; 0: nothing but the storage does.
//
// SECURITY: in modes Z and C a few kilobytes on the wire can become as many
// gigabytes on the disk. They get expandedShare of what is free, so that a
// bomb does not take the last of it from everybody.
func (s *session) mostBytes(ctx context.Context) (int64, error) {
	if s.left.until > 0 {
		return s.left.until - s.left.offset, nil
	}
	if m := s.params.Mode; m != proto.Deflate && m != proto.Compressed {
		return 0, nil
	}
	free, err := s.store.Free(ctx)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return max(free/expandedShare, 1), nil
}

// tooLarge says why data.ErrTooLarge came.
func (o oneShot) tooLarge(err error) error {
	if o.until > 0 && errors.Is(err, data.ErrTooLarge) {
		return &fault{brokenOff, "More bytes came than the range has.", err}
	}
	return err
}
