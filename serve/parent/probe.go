package parent

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"time"

	"ferry/proto"
)

// newToken is the password of one probe.
//
// SECURITY: 256 random bits, good for one login on the connection that it came
// with, over sockets that have no name. It stands in no argument, file,
// environment or log.
func newToken() proto.Secret {
	var raw [32]byte
	rand.Read(raw[:]) // never fails
	return proto.Secret(hex.EncodeToString(raw[:]))
}

// ProbeUser is the name that probes log in by.
const ProbeUser = "probe"

// ask logs in, says NOOP and leaves. Whatever goes wrong shows that the server
// is none any more.
func ask(nc net.Conn, token proto.Secret, patience time.Duration) error {
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(patience))
	conn := proto.NewConn(nc, nil)
	if err := answered(conn, proto.Ready); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	for _, step := range []struct {
		proto.Command
		want proto.Code
	}{
		{proto.Command{Verb: "USER", Arg: ProbeUser}, proto.NeedPassword},
		{proto.Command{Verb: "PASS", Arg: token.Reveal()}, proto.LoggedIn},
		{proto.Command{Verb: "NOOP"}, proto.OK},
	} {
		err := conn.WriteCommand(step.Command)
		if err == nil {
			err = conn.Flush()
		}
		if err == nil {
			err = answered(conn, step.want)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.Verb, err)
		}
	}
	return nil
}

func answered(conn *proto.Conn, want proto.Code) error {
	r, err := conn.ReadReply()
	if err == nil && r.Code != want {
		err = fmt.Errorf("%d, not %d", r.Code, want)
	}
	return err
}
