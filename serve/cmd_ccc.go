package serve

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"ferry/proto"
	"ferry/serve/live"
	"ferry/serve/users"
)

// featCCC: RFC 4217 §6 has it in FEAT where it is served.
func featCCC(s *session) string {
	if s.srv.cfg.TLS.CCC != CCCAllowed {
		return ""
	}
	return "CCC"
}

// CCC: RFC 4217 §6 and RFC 2228 §3: commands go on in clear, and PROT stays as
// it is.
//
// SECURITY: commands in clear behind a protected login are anybody's to
// change; firewalls that want to read PORT and PASV can do with EPSV. So it is
// refused, unless the administrator allows it; and always before login, since a
// password would follow, and to users whose record wants TLS.
func (s *session) ccc(ctx context.Context, _ string) (proto.Reply, error) {
	switch {
	case s.tls == nil:
		return proto.Reply{}, refuse(outOfOrder, "The control connection is in clear.")
	case s.srv.cfg.TLS.CCC != CCCAllowed, s.user.TLS != users.NoTLSRule:
		return proto.Reply{}, refuse(policyRefused, "The control connection stays encrypted.")
	case !s.in():
		return proto.Reply{}, refuse(policyRefused, "Log in first.")
	}
	s.then = s.clear
	return proto.Replyf(proto.OK, "Commands go in clear from now on, PROT is %s.", s.prot), nil
}

// clear ends TLS after CCC. RFC 4217 §12.3 draws a close_notify of both ends
// there, and clients differ in how they do it: curl waits for ours and sends
// none, or sends its own and waits for ours; lftp sends its own, goes on at
// once, and takes one of ours that comes later for a reply. So ours is sent to
// those who wait for it.
func (s *session) clear(context.Context) {
	s.flush()
	below, ok := s.tls.NetConn().(*records)
	if !ok {
		s.vanish(live.Gone)
		return
	}
	heard, sent := false, false
	for patience := cccPatience; !heard || !sent; {
		_ = s.nc.SetReadDeadline(time.Now().Add(patience))
		first, err := below.peek()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && !sent:
			if s.tls.CloseWrite() != nil {
				s.vanish(live.Gone)
				return
			}
			sent, patience = true, s.srv.tls.handshake()
		case err != nil:
			s.vanish(live.Gone)
			return
		case !isRecord(first):
			s.strip(s.behindTLS())
			return
		default:
			if _, err := s.tls.Read(make([]byte, 1)); err != io.EOF {
				s.vanish(live.Misbehaved) // commands: they were meant for TLS
				return
			}
			heard = true
		}
	}
	s.strip(s.behindTLS())
}

// isRecord tells a TLS record (RFC 8446 §5.1) from the letter of a command.
func isRecord(b byte) bool { return b >= 20 && b <= 24 }

// begun is a connection of which something was read already.
type begun struct {
	net.Conn
	first []byte
}

func (b *begun) Read(p []byte) (int, error) {
	if len(b.first) > 0 {
		n := copy(p, b.first)
		b.first = b.first[n:]
		return n, nil
	}
	return b.Conn.Read(p)
}
