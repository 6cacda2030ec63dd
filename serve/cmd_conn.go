package serve

import (
	"context"
	"net/netip"
	"strings"

	"ferry/proto"
)

// PASV: RFC 959 §4.1.2.
func (s *session) pasv(ctx context.Context, _ string) (proto.Reply, error) {
	if err := s.otherThanEPSV(); err != nil {
		return proto.Reply{}, err
	}
	if !s.local.Addr().Unmap().Is4() {
		return proto.Reply{}, refuse(otherFamily, "PASV can't tell an IPv6 address, use EPSV.")
	}
	at, err := s.promise(ctx)
	if err != nil {
		return proto.Reply{}, err
	}
	if !at.Addr().Unmap().Is4() {
		s.forgetMeeting()
		return proto.Reply{}, refuse(otherFamily, "PASV can't tell an IPv6 address, use EPSV.")
	}
	return proto.Replyf(proto.PassiveMode, "Entering Passive Mode (%s).", proto.FormatHostPort(at)), nil
}

// EPSV: RFC 2428 §3 and, for ALL, §4.
func (s *session) epsv(ctx context.Context, arg string) (proto.Reply, error) {
	family := "1"
	if !s.local.Addr().Unmap().Is4() {
		family = "2"
	}
	switch arg = strings.ToUpper(strings.Trim(arg, " ")); arg {
	case "ALL":
		s.epsvAll = true
		return proto.Replyf(proto.OK, "Only EPSV will be served from now on."), nil
	case "", family:
	case "1", "2":
		return proto.Reply{}, refuse(otherFamily, "Network protocol not supported, use (%s).", family)
	default:
		if _, err := parseCount(arg); err != nil {
			return proto.Reply{}, err
		}
		return proto.Reply{}, refuse(otherFamily, "Network protocol not supported, use (%s).", family)
	}
	at, err := s.promise(ctx)
	if err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.ExtendedPassive, "Entering Extended Passive Mode %s", proto.FormatExtendedPassive(at.Port())), nil
}

// promise gets a passive meeting. The former one is given up first: its port
// may be the one that is needed.
func (s *session) promise(ctx context.Context) (netip.AddrPort, error) {
	s.forgetMeeting()
	s.dropChannel()
	m, at, err := s.srv.passive(ctx, s)
	if err != nil {
		return netip.AddrPort{}, &fault{noDataConnection, "No passive port is free, try again later.", err}
	}
	s.meet = m
	return at, nil
}

// PORT: RFC 959 §4.1.2.
func (s *session) port(ctx context.Context, arg string) (proto.Reply, error) {
	to, err := proto.ParseHostPort(arg)
	if err != nil {
		return proto.Reply{}, err
	}
	return s.dialTo(to)
}

// EPRT: RFC 2428 §2.
func (s *session) eprt(ctx context.Context, arg string) (proto.Reply, error) {
	to, err := proto.ParseExtended(arg)
	if err != nil {
		return proto.Reply{}, err
	}
	return s.dialTo(to)
}

func (s *session) dialTo(to netip.AddrPort) (proto.Reply, error) {
	if err := s.otherThanEPSV(); err != nil {
		return proto.Reply{}, err
	}
	m, err := s.srv.active(s, to)
	if err != nil {
		return proto.Reply{}, err
	}
	s.forgetMeeting()
	s.dropChannel()
	s.meet = m
	return proto.Replyf(proto.OK, "Data goes to port %d.", to.Port()), nil
}

func (s *session) otherThanEPSV() error {
	if s.epsvAll {
		return refuse(outOfOrder, "You have sent EPSV ALL: only EPSV is served now.")
	}
	return nil
}

// forgetMeeting gives up the data connection that was agreed on.
func (s *session) forgetMeeting() {
	s.meetClient = false
	if s.meet != nil {
		s.meet.cancel()
		s.meet = nil
	}
}

// takeMeeting hands over the data connection that was agreed on. RFC 959
// §3.2: without one, the server dials the port that the control connection
// comes from.
func (s *session) takeMeeting() (meeting, error) {
	if m := s.meet; m != nil {
		s.meet, s.meetClient = nil, false
		return m, nil
	}
	if s.epsvAll {
		return nil, refuse(noDataConnection, "Send EPSV first.")
	}
	m, err := s.srv.active(s, s.peer)
	if err != nil {
		return nil, &fault{noDataConnection, "Send EPSV, PASV, EPRT or PORT first.", err}
	}
	return m, nil
}

// ABOR: RFC 959 §4.1.3. A transfer under way ends with 426 (or, had it just
// finished, 226), then ABOR itself with 226. No transfer: 226, or 225 and
// nothing changes while a data connection stands that no transfer has used.
func (s *session) abor(ctx context.Context, _ string) (proto.Reply, error) {
	if s.xfer == nil && (s.channel != nil || s.meet != nil && s.meet.open()) {
		return proto.Replyf(proto.DataOpenIdle, "Data connection open; nothing to abort."), nil
	}
	s.forgetMeeting()
	if s.xfer != nil {
		s.xfer.cancel(errAborted)
		<-s.xfer.done
		s.finish()
		return proto.Replyf(proto.TransferDone, "Abort done."), nil
	}
	return proto.Replyf(proto.TransferDone, "Nothing to abort."), nil
}
