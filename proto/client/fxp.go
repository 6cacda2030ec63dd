package client

import (
	"context"
	"errors"
	"net/netip"

	"ferry/proto"
)

// Place is a file at a server.
type Place struct {
	Client *Client
	Path   string
}

// CopyOptions say how Copy goes about it. The zero value is the whole file.
type CopyOptions struct {
	Offset  int64 // where to begin in both files, in bytes (REST)
	Listens Side  // which of the servers opens the port
}

// Side is one of the two servers of a Copy.
type Side byte

const (
	EitherSide Side = iota // the target listens, or else the source
	TargetSide
	SourceSide
)

// UnknownSize is what Copy returns when neither server tells the size.
const UnknownSize = -1

// ErrOneSession: Copy wants two control connections, also to one server.
var ErrOneSession = errors.New("a copy between servers needs two sessions")

// Copy moves a file from one server to another; its bytes don't come here
// (RFC 959 §2.3, figure 2: "FXP"). Both sessions get the source's parameters.
// One server is told to listen and the other where to connect:
//
//	C ── PASV ─▶ B             "h1,h2,h3,h4,p1,p2"
//	C ── PORT h1,…,p2 ─▶ A
//	C ── STOR ─▶ B, RETR ─▶ A
//	             A ═════▶ B
//
// Under TLS one of them is also told to begin the handshake; see fxp_tls.go.
// Most servers allow neither unless they are told to. It returns the size of
// the file, or UnknownSize. Errors are *PlaceError around those of Retrieve
// and Store. On an error the target may hold half a file.
func Copy(ctx context.Context, from, to Place, o CopyOptions) (int64, error) {
	if from.Client == to.Client {
		return UnknownSize, ErrOneSession
	}
	x := &exchange{
		from: &leg{c: from.Client, cmd: proto.Cmd("RETR", name(from.Path)), offset: o.Offset},
		to:   &leg{c: to.Client, cmd: proto.Cmd("STOR", name(to.Path)), offset: o.Offset},
	}
	if err := errors.Join(x.from.c.sendable(x.from.cmd), x.to.c.sendable(x.to.cmd)); err != nil {
		return UnknownSize, err
	}
	if err := x.protect(); err != nil {
		return UnknownSize, err
	}
	size, err := x.sourceSize(ctx, from)
	if err != nil {
		return size, err
	}
	if err := x.attempt(ctx, o.Listens, size); err != nil {
		return size, err
	}
	return x.compare(ctx, to, size)
}

// PlaceError says at which of two servers something failed.
type PlaceError struct {
	Host string
	Err  error
}

func (e *PlaceError) Error() string { return e.Host + ": " + e.Err.Error() }
func (e *PlaceError) Unwrap() error { return e.Err }

// exchange is one file between two servers.
type exchange struct {
	from, to *leg
	sealed   bool // the servers talk TLS to each other
}

// sourceSize asks for the size first: a file that is not there must not have
// the target emptied for it.
func (x *exchange) sourceSize(ctx context.Context, from Place) (int64, error) {
	if x.from.c.Quirks().NoSize {
		return UnknownSize, nil
	}
	size, err := x.from.c.Size(ctx, from.Path)
	var re *proto.ReplyError
	switch {
	case err == nil:
		return size, nil
	case errors.As(err, &re) && re.Reply.Code == proto.Refused, !tolerable(err), x.from.c.Broken():
		return UnknownSize, x.from.blame(err)
	}
	return UnknownSize, nil
}

// attempt tries the ways that there are: who listens, and who connects.
func (x *exchange) attempt(ctx context.Context, listens Side, size int64) error {
	var first error
	for _, side := range []Side{TargetSide, SourceSide} {
		if listens != EitherSide && listens != side {
			continue
		}
		err := x.once(ctx, side, size)
		if err == nil {
			return nil
		}
		if !unmet(err) || ctx.Err() != nil || x.from.c.Broken() || x.to.c.Broken() {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// unmet reports a failure to connect the servers, which the other way round
// may not have.
func unmet(err error) bool {
	var de *DataError
	var re *proto.ReplyError
	if errors.Is(err, errNoOpener) {
		return true
	}
	if errors.As(err, &de) || !errors.As(err, &re) {
		return de != nil
	}
	switch re.Command.Verb {
	case "PASV", "EPSV", "PORT", "EPRT", "CPSV":
		return true
	}
	return re.Reply.Code == proto.CantOpenData || re.Reply.Code == proto.BadNetwork // 522: TLS sessions
}

func (x *exchange) once(ctx context.Context, listens Side, size int64) error {
	listener, connector := x.to, x.from
	if listens == SourceSide {
		listener, connector = connector, listener
	}
	params := x.from.c.params
	for _, l := range []*leg{listener, connector} {
		if err := l.c.adjust(ctx, params); err != nil {
			return l.blame(err)
		}
	}
	listen, err := x.cast(ctx, listener, connector)
	if err != nil {
		return err
	}
	at, err := listener.c.offer(ctx, listen)
	if err != nil {
		return listener.blame(err)
	}
	if err := connector.c.announce(ctx, at); err != nil {
		return connector.blame(err)
	}
	for _, l := range []*leg{listener, connector} {
		if err := l.c.restartAt(ctx, l.cmd, restart{offset: l.offset}); err != nil {
			return l.blame(err)
		}
	}
	return run(ctx, listener, connector, size)
}

// offer has the server listen, by PASV or CPSV, and returns the address to tell the other one.
//
// SECURITY: the address is the control peer's, as for connections of our own:
// a server that could name any would have the other one knock there (RFC 2577
// §3). Where data comes from another machine, DataHost says so.
func (c *Client) offer(ctx context.Context, listen string) (netip.AddrPort, error) {
	if !c.peer.IsValid() && c.cfg.DataHost != Announced {
		return netip.AddrPort{}, &DataError{Err: errors.New("the server's address is not known behind a proxy; open it by its address")}
	}
	if c.peer.Is4() || !c.peer.IsValid() {
		r, err := c.do(ctx, proto.Cmd(listen))
		if err == nil {
			offer, err := proto.ParsePassive(r.Text())
			if err != nil || r.Code != proto.PassiveMode {
				return offer, &DataError{Err: &proto.SyntaxError{What: "reply to " + listen, Text: r.String()}}
			}
			return c.chosen(offer), nil
		}
		if !isRefusal(err) || c.Broken() || !c.peer.IsValid() || listen != "PASV" {
			return netip.AddrPort{}, err
		}
	}
	if listen != "PASV" {
		return netip.AddrPort{}, &DataError{Err: errors.New("CPSV can't tell an IPv6 address")}
	}
	r, err := c.do(ctx, proto.Cmd("EPSV"))
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := proto.ParseExtendedPassive(r.Text())
	if err != nil || r.Code != proto.ExtendedPassive {
		return netip.AddrPort{}, &DataError{Err: &proto.SyntaxError{What: "reply to EPSV", Text: r.String()}}
	}
	return netip.AddrPortFrom(c.peer.WithZone(""), port), nil
}

// compare asks the target what it has now.
func (x *exchange) compare(ctx context.Context, to Place, want int64) (int64, error) {
	if x.from.c.params.Type.Text() || x.from.c.params.Stru != proto.File {
		return want, nil
	}
	got, ok, err := x.to.c.sizeNow(ctx, to.Path)
	switch {
	case err != nil:
		return want, x.to.blame(err)
	case !ok:
		return want, nil
	case want != UnknownSize && got != want && want != 0: // some devices say 0 of every file
		return got, x.to.blame(&SizeError{Path: to.Path, Got: got, Want: want, By: "the source"})
	}
	return got, nil
}
