package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ferry/proto"
	"ferry/proto/client"
)

// try lists the directory over a data connection of one kind.
func (x *exam) try(ctx context.Context, m client.Method) error {
	before := x.client.DataMethod()
	x.client.SetData(m)
	defer x.client.SetData(before)
	err := x.client.ListRaw(ctx, proto.Cmd("LIST"), &sample{left: maxSample})
	if errors.Is(err, errEnough) {
		x.hangUp()
		err = nil
	}
	if err == nil && x.client.DataEncrypted() {
		x.sealed, x.resume = true, x.resume || x.client.DataResumed()
	}
	return err
}

// sample swallows a bounded number of bytes.
type sample struct{ left int }

var errEnough = errors.New("that is enough")

func (s *sample) Write(p []byte) (int, error) {
	if s.left -= len(p); s.left < 0 {
		return 0, errEnough
	}
	return len(p), nil
}

var _ io.Writer = (*sample)(nil)

func extendedPassive(ctx context.Context, x *exam) Finding {
	err := x.try(ctx, client.PassiveExtended)
	switch {
	case err == nil:
		return works("a listing came")
	case unknown(err):
		return Finding{Result: Weak, Found: "not known: there are no data connections over IPv6, and NAT needs PASV's address to be right",
			Fix: "switch EPSV on, or let the firewall that swallows it pass it"}
	case silent(err):
		return fails(err, "open the passive ports in every firewall between, and tell the server which they are (vsftpd pasv_min_port, ProFTPD PassivePorts, Pure-FTPd -p, ferry serve --passive-ports)")
	}
	return fails(err, dataFix(err))
}

func plainPassive(ctx context.Context, x *exam) Finding {
	if !x.client.Peer().Unmap().Is4() {
		return Finding{Result: Absent, Found: "PASV can't say IPv6 addresses; EPSV does"}
	}
	err := x.try(ctx, client.PassivePlain)
	switch {
	case err == nil:
		return works("a listing came")
	case unknown(err):
		return Finding{Result: Weak, Found: "not known: clients without EPSV have active mode only", Fix: "switch PASV on (vsftpd pasv_enable)"}
	case silent(err):
		return fails(err, "open the passive ports in every firewall between, and tell the server which they are")
	}
	return fails(err, dataFix(err))
}

// silent reports a data connection that nobody answered, or that was refused.
func silent(err error) bool {
	var de *client.DataError
	return errors.As(err, &de)
}

// dataFix is what mends a refusal of a data connection that stands.
func dataFix(err error) string {
	var re *proto.ReplyError
	if errors.As(err, &re) && re.Reply.Code == proto.CantOpenData {
		return "the server waited for the connection elsewhere, or a firewall between dropped it"
	}
	return "the server's log says more"
}

// passiveAddress compares what 227 announces with where the server is. Ferry
// goes to the control peer whatever it says; other clients believe it.
func passiveAddress(ctx context.Context, x *exam) Finding {
	peer := x.client.Peer().Unmap()
	if !peer.Is4() {
		return Finding{}
	}
	r, err := x.client.Do(ctx, proto.Cmd("PASV"))
	if err != nil {
		return Finding{}
	}
	defer x.hangUp() // the port that was opened is given back
	offer, err := proto.ParsePassive(r.Text())
	switch {
	case err != nil:
		return fails(fmt.Errorf("227 can't be read: %w", err), "227 has six numbers in brackets (RFC 959)")
	case offer.Addr() == peer:
		return works("227 announces %s, where the server is", offer.Addr())
	}
	return Finding{Result: Fails, Found: fmt.Sprintf("227 announces %s, and the server is at %s: clients that believe it reach nobody", offer.Addr(), peer),
		Fix: fmt.Sprintf("tell the server its address outside, %s (vsftpd pasv_address, ProFTPD MasqueradeAddress, Pure-FTPd -P, pyftpdlib masquerade_address, ferry serve --public-address)", peer)}
}

// active lets the server connect. Few networks let it: that is no fault of the
// server's while passive mode works.
func active(ctx context.Context, x *exam) Finding {
	err := x.try(ctx, client.Active)
	switch {
	case err == nil:
		return works("the server connected")
	case refused(err):
		f := Finding{Result: Absent, Found: "refused: " + err.Error()}
		x.hangUp()
		return f
	}
	x.hangUp()
	return Finding{Result: Weak, Found: "the server could not connect here: " + err.Error(),
		Fix: "use passive mode; a NAT or firewall on this side turns the server's connection away"}
}

func sealed(_ context.Context, x *exam) Finding {
	switch {
	case !x.client.Encrypted():
		return Finding{}
	case x.client.DataEncrypted():
		return works("PROT P: files are encrypted as commands are")
	}
	return Finding{Result: Fails, Found: "PROT P is refused: commands are encrypted, files are not", Fix: "switch it on (vsftpd force_local_data_ssl, ProFTPD TLSRequired, Pure-FTPd --tls=3)"}
}

func resumed(_ context.Context, x *exam) Finding {
	switch {
	case !x.client.DataEncrypted():
		return Finding{}
	case !x.sealed:
		return Finding{Result: Untold, Found: "no encrypted data connection came to stand"}
	case x.resume:
		return works("data connections resume the session of the control connection: nobody else can take their place")
	}
	return Finding{Result: Weak, Found: "data connections make new TLS sessions: whoever finds the port first may take the file, and each costs a full handshake",
		Fix: "let the server keep sessions or send tickets (ProFTPD TLSSessionCache, OpenSSL's session cache, pyftpdlib has none)"}
}
