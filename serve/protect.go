package serve

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"ferry/proto"
	"ferry/serve/users"
)

// cover is the protection of one data connection, as the session had it when
// the transfer began. nil: it goes in clear.
type cover struct {
	*encryption
	sid    uint64
	holder holder
	client bool          // this end begins the handshake: SSCN or CPSV
	fxp    Trusted       // hosts that need no ticket
	upload bool          // the peer sends
	bound  bool          // the user's record wants what DataRequire wants
	stall  time.Duration // how long the farewell may take
	told   *atomic.Bool  // the log has its line about tickets that are missing
	shown  lineage       // the best ticket that the handshake was offered
}

// cover returns what protects the data connection of a job. The error says
// that it may not go in clear.
func (s *session) cover(j job) (*cover, error) {
	switch {
	case s.prot == proto.Private:
	case s.srv.cfg.TLS.Policy == TLSRequired, s.user.TLS != users.NoTLSRule:
		return nil, refuse(dataInClear, "Data go encrypted only: send PBSZ 0 and PROT P first.")
	default:
		return nil, nil
	}
	return &cover{
		encryption: s.srv.tls,
		sid:        s.id,
		holder:     s.holder(),
		client:     s.dataClient || s.meetClient,
		fxp:        s.srv.cfg.FXP,
		upload:     j.marks,
		bound:      s.user.TLS == users.TLSBound,
		stall:      s.srv.limits().Stall,
		told:       &s.gauge.unbound,
	}, nil
}

func (s *session) holder() holder { return holder{s.user.Name, s.peer.Addr()} }

// protect does the handshake of a data connection; ferry is its server, also
// where it has dialled (RFC 4217 §7), but for SSCN and CPSV. After an error the connection is of no
// use, and still to be closed.
func (c *cover) protect(ctx context.Context, nc net.Conn) (net.Conn, error) {
	if c == nil {
		return nc, nil
	}
	below := &watched{Conn: nc, stall: c.stall, ended: func() bool { return ctx.Err() != nil }}
	var tc *tls.Conn
	if c.client {
		tc = c.dialTLS(below)
	} else {
		tc = tls.Server(below, c.dataConfig())
	}
	limit, cancel := context.WithTimeout(ctx, c.handshake())
	defer cancel()
	if err := tc.HandshakeContext(limit); err != nil {
		if ctx.Err() != nil {
			return nc, context.Cause(ctx)
		}
		return nc, &fault{dataRefused, "TLS handshake failed on the data connection.", err}
	}
	return tc, c.admit(tc.ConnectionState(), addrPort(nc.RemoteAddr()).Addr())
}

// admit decides by the ticket. DECISIONS: what each policy makes of each origin.
//
// SECURITY: a full handshake shows nothing of who is there: whoever shares the
// client's address could be. Only Require refuses it, since some clients never
// resume; a ticket of somebody else is an attack, or a client that mixes up its
// users. Other servers have no ticket of ours to show, and where this end is
// TLS's client nobody has: the servers that FXP trusts are let in by their
// address, for that is what the trust is.
func (c *cover) admit(cs tls.ConnectionState, from netip.Addr) error {
	if !cs.DidResume && c.shown < alienTicket {
		c.shown = noTicket
	}
	switch {
	case c.Data == DataAny && !c.bound, c.shown == ownTicket, c.shown == kinTicket:
		return nil
	case c.shown == alienTicket:
		c.log.Warn("data connection with a TLS session of somebody else", "sid", c.sid, "peer", c.holder.from.String())
		return refuse(dataRefused, "The TLS session of this data connection belongs to another login.")
	case c.fxp.has(from):
		return nil
	case c.Data == DataRequire || c.bound:
		return refuse(dataRefused, "Data connections must resume the TLS session of the control connection.")
	}
	if !c.told.Swap(true) {
		c.log.Info("data connections without TLS session reuse", "sid", c.sid, "peer", c.holder.from.String())
	}
	return nil
}

// dataConfig is the tls.Config of this data connection only.
//
// In TLS 1.3 tickets follow the handshake, as data. A client that only sends
// leaves them unread; closing its socket then resets the connection, and the
// end of the upload is lost (seen with rclone and the libraries of several
// languages). So uploads get none, while resumption goes on: crypto/tls asks
// SessionTicketsDisabled once before it reads a ticket, and again before it
// sends one. In TLS 1.2 tickets are part of the handshake and do no harm.
//
// The price: clients that use a ticket only once, as RFC 8446 §C.4 asks (curl,
// PHP and Ruby with OpenSSL), have none left after an upload. DataPrefer lets
// them in, DataRequire does not.
func (c *cover) dataConfig() *tls.Config {
	cfg := c.config("ftp", "ftp-data")
	cfg.WrapSession = c.ticket
	cfg.UnwrapSession = func(ticket []byte, cs tls.ConnectionState) (*tls.SessionState, error) {
		ss := c.accept(ticket)
		if ss == nil || c.upload && cs.Version == tls.VersionTLS13 {
			cfg.SessionTicketsDisabled = true
		}
		return ss, nil
	}
	if c.upload {
		cfg.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			modern := slices.Contains(hello.SupportedVersions, tls.VersionTLS13)
			cfg.SessionTicketsDisabled = modern && !slices.Contains(hello.Extensions, preSharedKey)
			return nil, nil
		}
	}
	return cfg
}

// ticket makes the ticket that a data connection leaves with the peer.
//
// SECURITY: it shows who the peer is only where the peer has shown that before.
// Else whoever takes one data connection, refused or not, would have a good
// ticket for the next.
func (c *cover) ticket(cs tls.ConnectionState, ss *tls.SessionState) ([]byte, error) {
	sid := noSession
	if cs.DidResume && (c.shown == ownTicket || c.shown == kinTicket) {
		sid = c.sid
	}
	return c.tickets.wrap(sid)(cs, ss)
}

// preSharedKey is the extension that carries a ticket in TLS 1.3. RFC 8446 §4.2.
const preSharedKey = 41

// accept returns the TLS session of a ticket that may be resumed here.
func (c *cover) accept(ticket []byte) *tls.SessionState {
	ss, by := c.tickets.open(ticket)
	if ss == nil {
		return nil
	}
	from := c.tickets.judge(by, c.sid, c.holder)
	if from == ownTicket || from == kinTicket || c.Data == DataAny && !c.bound {
		c.shown = from
		return ss
	}
	if c.shown == noTicket {
		c.shown = from
	}
	return nil
}

// end is how the peer ended what it sent.
type end int

const (
	endUnknown  end = iota // in clear: a cut looks the same
	endSealed              // by close_notify: all has come, and the peer said so
	endUnsealed            // without: TLS can't tell it from a cut
)

// checkEnd says how an upload ended that was read to its end, and whether that
// will do.
//
// Where ALLO has told the size, and just as much has come, nothing is missing:
// for Perl's Net::FTPSSL, which ends uploads without (Net::SSLeay::Handle does).
func (c *cover) checkEnd(nc net.Conn, p proto.Params, t *transfer) (end, error) {
	how, path := endOf(nc, p), t.path
	if how != endUnsealed {
		return how, nil
	}
	if t.size > 0 && t.size == t.moved.Load() && p.Type.Code == proto.Image {
		return endSealed, nil
	}
	if c.End == EndStrict {
		return how, errUnsealed
	}
	c.log.Warn("upload without close_notify taken for whole", "sid", c.sid, "path", path)
	return how, nil
}

// endOf says how an upload ended. In the modes and
// structures that mark the end in the data, nothing else is asked for.
func endOf(nc net.Conn, p proto.Params) end {
	tc, ok := nc.(*tls.Conn)
	if !ok || p.Mode != proto.Stream || p.Stru != proto.File {
		return endUnknown
	}
	if w, ok := tc.NetConn().(*watched); ok && w.bare {
		return endUnsealed
	}
	return endSealed
}

// errUnsealed is a missing close_notify.
//
// SECURITY: RFC 8446 §6.1: without it, whoever is on the way can cut an upload
// short. crypto/tls hides that (servers.md §3.0, T20).
var errUnsealed = &fault{kind: brokenOff, text: "Upload cut short: TLS ended without close_notify."}
