package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/proto"
	"ferry/serve/live"
)

// tlsCommands are those of RFC 2228 and 4217. Where there is no TLS they are
// known and not served.
func tlsCommands(t TLS) table {
	if !t.on() {
		rows := table{}
		for _, verb := range []string{"AUTH", "PBSZ", "PROT", "CCC"} {
			rows[verb] = command{when: anyone, rfc: "4217"}
		}
		for _, verb := range []string{"CPSV", "SSCN"} {
			rows[verb] = command{when: anyone, rfc: betweenServers}
		}
		return rows
	}
	return table{
		"AUTH": {run: (*session).auth, arg: argText, when: anyone, rfc: "4217 §4", feat: feature("AUTH TLS"), help: "AUTH TLS"},
		"PBSZ": {run: (*session).pbsz, arg: argText, when: anyone, rfc: "4217 §8", feat: feature("PBSZ"), help: "PBSZ 0"},
		"PROT": {run: (*session).protCmd, arg: argText, when: anyone, rfc: "4217 §9", feat: feature("PROT"), help: "PROT C|P"},
		"CCC":  {run: (*session).ccc, arg: argNone, when: anyone, rfc: "4217 §6", feat: featCCC, help: "CCC"},
		"SSCN": {run: (*session).sscn, arg: argOptText, between: true, rfc: betweenServers, feat: feature("SSCN"), help: "SSCN [ON|OFF] (ON: the server begins TLS on data connections)"},
		"CPSV": {run: (*session).cpsv, arg: argNone, between: true, rfc: betweenServers, feat: feature("CPSV"), help: "CPSV (PASV, and the server begins TLS)"},
	}
}

const betweenServers = "practice (server to server)"

// AUTH: RFC 4217 §4. TLS-C is another name of TLS. SSL and TLS-P, of the
// drafts before it, would also protect data connections; nobody needs them.
//
// SECURITY: after login it is refused: what the login allowed in clear must
// not pass for protected. Within TLS it would only nest.
func (s *session) auth(ctx context.Context, arg string) (proto.Reply, error) {
	switch {
	case s.tls != nil:
		return proto.Reply{}, refuse(outOfOrder, "TLS is on already.")
	case s.in():
		return proto.Reply{}, refuse(policyRefused, "Too late: AUTH comes before USER. REIN begins anew.")
	}
	switch strings.ToUpper(strings.Trim(arg, " ")) {
	case "TLS", "TLS-C":
	default:
		return proto.Reply{}, refuse(badParameter, "Only AUTH TLS is served.")
	}
	s.then = s.secure
	return proto.Replyf(proto.SecurityOK, "Begin the TLS handshake."), nil
}

// secure begins TLS, or ends the session.
//
// SECURITY: all that came before is forgotten, the user name too: it may have
// been sent by somebody in between (RFC 4217 §4.2). Bytes that came behind
// AUTH end the session (CVE-2011-1575): Upgrade sees those that were read, the
// handshake fails on those that were not.
func (s *session) secure(ctx context.Context) {
	s.reset()
	s.next = oneShot{}
	var herr error
	err := s.conn.Upgrade(func(nc net.Conn) net.Conn {
		var tc *tls.Conn
		if tc, herr = s.srv.tls.control(ctx, nc, s.id); herr == nil {
			s.tls = tc
			s.gauge.setTLS(tls.VersionName(tc.ConnectionState().Version))
		}
		return tc
	})
	if err = errors.Join(err, herr); err != nil {
		s.srv.troubles.tell(func(times int) {
			s.srv.cfg.Logger.Info("TLS handshake failed", "sid", s.id, "peer", s.peer.String(), "err", err, "times", times)
		})
		s.vanish(live.Gone)
		return
	}
	s.askedBySNI()
}

// PBSZ: RFC 4217 §8. TLS has buffers of its own: 0 is the only size.
func (s *session) pbsz(ctx context.Context, arg string) (proto.Reply, error) {
	if s.tls == nil {
		return proto.Reply{}, refuse(outOfOrder, "Send AUTH TLS first.")
	}
	if _, err := strconv.ParseUint(strings.Trim(arg, " "), 10, 32); err != nil {
		return proto.Reply{}, refuse(badArgument, "Syntax: PBSZ 0")
	}
	s.sized = true
	return proto.Replyf(proto.OK, "PBSZ=0"), nil
}

// PROT: RFC 4217 §9 and RFC 2228 §3.
func (s *session) protCmd(ctx context.Context, arg string) (proto.Reply, error) {
	switch {
	case !s.sized:
		return proto.Reply{}, refuse(outOfOrder, "Send AUTH TLS and PBSZ 0 first.")
	case s.tls == nil: // SECURITY: after CCC, whoever is in between must not open the data, too
		return proto.Reply{}, refuse(policyRefused, "PROT can't change in clear.")
	}
	p, err := proto.ParseProt(arg)
	switch {
	case err != nil:
		return proto.Reply{}, refuse(badParameter, "Unknown protection, use P.")
	case p == proto.Safe, p == proto.Confidential:
		return proto.Reply{}, refuse(protUnsupported, "TLS has no such protection, use P.")
	case p == proto.Clear && s.srv.cfg.TLS.Policy == TLSRequired:
		return proto.Reply{}, refuse(policyRefused, "Data go encrypted only.")
	}
	s.prot = p
	s.dropChannel() // it is as PROT was
	return proto.Replyf(proto.OK, "Protection of data connections is %s.", p), nil
}

// unveil ends TLS after REIN: RFC 4217 §11: the session is as it was before
// AUTH. On an implicit port the next handshake follows at once.
func (s *session) unveil(ctx context.Context) {
	if s.tls != nil && !s.bare() {
		return
	}
	s.sized, s.prot = false, proto.Clear
	s.dropChannel()
	if s.implicit {
		s.prot = proto.Private
		s.secure(ctx)
	}
}

// bare takes TLS off the control connection, or ends the session. The peer's
// close_notify is waited for.
func (s *session) bare() bool {
	s.flush()
	_ = s.nc.SetDeadline(time.Now().Add(s.srv.tls.handshake()))
	err := s.tls.CloseWrite()
	if err == nil {
		_, err = s.tls.Read(make([]byte, 1))
	}
	if err != io.EOF {
		s.vanish(live.Misbehaved) // commands before the end of TLS, too: they were meant for it
		return false
	}
	return s.strip(s.behindTLS())
}

// behindTLS is the connection below TLS that has ended: with what came behind
// the end, if something has.
func (s *session) behindTLS() net.Conn {
	below, ok := s.tls.NetConn().(*records)
	if !ok || len(below.next) == 0 {
		return s.nc
	}
	return &begun{Conn: s.nc, first: below.take()}
}

// strip goes on in clear.
func (s *session) strip(nc net.Conn) bool {
	_ = s.nc.SetDeadline(time.Time{})
	if s.conn.Upgrade(func(net.Conn) net.Conn { return nc }) != nil {
		s.vanish(live.Gone)
		return false
	}
	s.tls = nil
	s.gauge.setTLS("")
	return true
}

// farewell tells the peer that TLS ends here, and not by a cut. A peer that
// has room for nothing holds it up for five seconds, which crypto/tls sets.
func (s *session) farewell() {
	if s.tls != nil {
		_ = s.tls.CloseWrite()
	}
}

// protection is what STAT tells of TLS.
func (s *session) protection() string {
	switch {
	case s.tls == nil && s.prot == proto.Private:
		return "Commands go in clear, data in TLS"
	case s.tls == nil:
		return "Commands and data go in clear"
	case s.prot == proto.Private:
		return "Commands and data go in " + tls.VersionName(s.tls.ConnectionState().Version)
	}
	return "Commands go in " + tls.VersionName(s.tls.ConnectionState().Version) + ", data in clear"
}

// clearLogin refuses to hear of users over a connection that others can read.
//
// SECURITY: RFC 2577 §5 and servers.md T23. The name is refused, so that the
// password is not sent. On loopback nobody is on the way; anonymous users have
// no secret.
func (s *session) clearLogin(name string) error {
	switch policy := s.srv.cfg.TLS.Policy; {
	case s.tls != nil, policy == TLSOff:
		return nil
	case policy == TLSOptional && (s.peer.Addr().IsLoopback() || isAnonymous(name)):
		return nil
	case s.srv.tls == nil:
		return refuse(notLoggedIn, "Passwords are not accepted in clear, and this server has no TLS.")
	}
	return refuse(notLoggedIn, "Passwords are not accepted in clear: use TLS (AUTH TLS) first.")
}

func isAnonymous(name string) bool {
	return strings.EqualFold(name, "anonymous") || strings.EqualFold(name, "ftp") // RFC 1635
}

// certWanted refuses users without the certificate that is their second
// factor, whether they exist or not.
func (s *session) certWanted(name string) error {
	c := s.srv.cfg.TLS.Clients
	if c.CAs == nil || c.Use != CertAndPassword || s.certified(name) {
		return nil
	}
	return refuse(notLoggedIn, "A TLS client certificate of this user is wanted.")
}

// certified reports whether the client's certificate speaks for a user.
func (s *session) certified(name string) bool {
	if s.tls == nil || s.srv.cfg.TLS.Clients.CAs == nil {
		return false
	}
	chains := s.tls.ConnectionState().VerifiedChains
	if len(chains) == 0 || name == "" {
		return false
	}
	leaf := chains[0][0]
	return leaf.Subject.CommonName == name || slices.Contains(leaf.EmailAddresses, name) || slices.Contains(leaf.DNSNames, name)
}
