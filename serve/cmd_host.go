package serve

import (
	"context"
	"net/netip"
	"strings"

	"ferry/proto"
)

// HOST: RFC 7151 §3: which of the servers behind this address is meant. It
// comes before USER.
//
// SECURITY: a name that is not served gets the same refusal whatever it is.
func (s *session) hostCmd(_ context.Context, name string) (proto.Reply, error) {
	if s.name != "" || s.in() {
		return proto.Reply{}, refuse(outOfOrder, "HOST comes before USER.")
	}
	name, ok := hostName(name)
	if !ok {
		return proto.Reply{}, refuse(badArgument, "Syntax: HOST <name>, or <IPv4 address>, or [<IPv6 address>]")
	}
	host, ok := s.srv.hostNamed(name, s.local.Addr())
	if !ok {
		return proto.Reply{}, refuse(badParameter, "That host is not served here.")
	}
	s.host = host
	return proto.Replyf(proto.Ready, "%s", s.greeting()), nil
}

// hostName checks a host's name (RFC 7151 §3.1) and puts it into lower case.
// An IPv6 address stands in brackets and comes out without; a port is no part
// of it.
func hostName(arg string) (string, bool) {
	arg = strings.ToLower(strings.TrimRight(arg, " "))
	if inner, ok := strings.CutPrefix(arg, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		ip, err := netip.ParseAddr(inner)
		return ip.String(), ok && err == nil && ip.Is6() && ip.Zone() == ""
	}
	if ip, err := netip.ParseAddr(arg); err == nil {
		return arg, ip.Is4()
	}
	arg = strings.TrimSuffix(arg, ".")
	for label := range strings.SplitSeq(arg, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", false
		}
	}
	return arg, len(arg) <= 253
}

// ownHost is the server that a client gets without HOST.
func (srv *Server) ownHost() Host {
	return Host{Users: srv.cfg.Users, Open: srv.cfg.Open, Greeting: srv.cfg.Greeting}
}

// hostNamed finds a server by name. Its own names are the address that the
// client came to, and the public one.
func (srv *Server) hostNamed(name string, local netip.Addr) (Host, bool) {
	own := srv.ownHost()
	h, ok := srv.cfg.Hosts[name]
	if !ok {
		ip, err := netip.ParseAddr(name)
		mine := err == nil && ip.Unmap() == local.Unmap().WithZone("")
		return own, mine || name == strings.ToLower(srv.cfg.Passive.Public)
	}
	if h.Users != nil {
		own.Users = h.Users
	}
	if h.Open != nil {
		own.Open = h.Open
	}
	if h.Users != nil {
		own.name = name
	}
	if h.Greeting != "" {
		own.Greeting = h.Greeting
	}
	return own, true
}

// SMNT: RFC 959 §4.1.1: another tree, without a new login. The user's record
// names those that there are; "/" is the first one again.
func (s *session) smnt(ctx context.Context, name string) (proto.Reply, error) {
	root, ok := s.user.Mounts[name]
	if name == "/" {
		root, ok = s.user.Root, true
	}
	if !ok {
		return proto.Reply{}, refuse(notThere, "Nothing of that name can be mounted.")
	}
	record := *s.user
	record.Root = root
	if err := s.openFiles(ctx, record, s.standing); err != nil {
		return proto.Reply{}, &fault{notThere, "That can't be mounted, please tell the administrator.", err}
	}
	s.goTo("/")
	return proto.Replyf(proto.ActionOK, "Mounted, %s is the current directory.", proto.Quote(s.cwd)), nil
}
