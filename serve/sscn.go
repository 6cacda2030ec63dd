package serve

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"time"

	"ferry/proto"
)

// Two servers that move a file between them under TLS both expect the other to
// begin the handshake: RFC 4217 §7 makes each of them TLS's server. So one is
// told to be its client, with SSCN for all data connections to come, or with
// CPSV, as PASV, for one.

// SSCN: as ProFTPD's mod_tls has it.
func (s *session) sscn(ctx context.Context, arg string) (proto.Reply, error) {
	if s.tls == nil && s.prot != proto.Private { // it may be gone by CCC
		return proto.Reply{}, refuse(outOfOrder, "Send AUTH TLS first.")
	}
	switch strings.ToUpper(strings.Trim(arg, " ")) {
	case "":
	case "ON":
		s.dataClient = true
	case "OFF":
		s.dataClient = false
	default:
		return proto.Reply{}, refuse(badArgument, "Syntax: SSCN [ON|OFF]")
	}
	if s.dataClient {
		return proto.Replyf(proto.OK, "SSCN:CLIENT METHOD"), nil
	}
	return proto.Replyf(proto.OK, "SSCN:SERVER METHOD"), nil
}

// CPSV: as glftpd, where it comes from, has it. Without PROT P there would be
// no handshake to begin, and the client would believe there was one.
func (s *session) cpsv(ctx context.Context, arg string) (proto.Reply, error) {
	if s.prot != proto.Private {
		return proto.Reply{}, refuse(outOfOrder, "Send PBSZ 0 and PROT P first.")
	}
	r, err := s.pasv(ctx, arg)
	s.meetClient = err == nil
	return r, err
}

// dialTLS is this end of a data connection on which it is TLS's client.
//
// SECURITY: the other end is a server that the client chose, and nobody can say
// here which certificate it should show: this keeps out who listens, and not
// who stands in between and is taken for the other server. The address must be
// the client's own, or one that Config.FXP trusts.
func (c *cover) dialTLS(nc net.Conn) *tls.Conn {
	cfg := c.config()
	cfg.GetCertificate = nil
	cfg.InsecureSkipVerify = true
	return tls.Client(nc, cfg)
}

// part ends what was sent as TLS's client. The tickets of TLS 1.3 lie unread
// then; a socket that is closed over them resets the connection and may lose
// the end of the file (see cover.dataConfig for the other side of it). So the
// peer's end is waited for, for a while.
func (c *cover) part(tc *tls.Conn) {
	if c == nil || !c.client || c.upload || tc.CloseWrite() != nil {
		return
	}
	if w, ok := tc.NetConn().(*watched); ok {
		if half, ok := w.Conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}
	_ = tc.SetReadDeadline(time.Now().Add(partTime))
	_, _ = io.CopyN(io.Discard, tc, maxPart)
}
