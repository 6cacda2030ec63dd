package client_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"ferry/proto"
	"ferry/proto/client"
)

func asReply(err error) (*proto.ReplyError, bool) {
	var re *proto.ReplyError
	ok := errors.As(err, &re)
	return re, ok
}

func TestRetrieve(t *testing.T) {
	const script = `C: EPSV
S: 229 Entering (|||${port}|)
C: RETR a.txt
S: 150 Opening BINARY mode data connection for a.txt (5 bytes).
DS: hello
S: 226 done
C: QUIT
S: 221 bye
`
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		var b bytes.Buffer
		n, err := c.Retrieve(ctx, "a.txt", &b, client.Transfer{})
		if n != 5 || err != nil || b.String() != "hello" {
			t.Errorf("got %d %q %v", n, b.String(), err)
		}
		if err := c.Quit(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestStore(t *testing.T) {
	const script = `C: EPSV
S: 229 Entering (|||${port}|)
C: STOR a.txt
S: 150 go
DC: hello
S: 226 done
C: SIZE a.txt
S: 213 5
`
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		n, err := c.Store(ctx, "a.txt", strings.NewReader("hello"), client.Transfer{})
		if n != 5 || err != nil {
			t.Errorf("got %d %v", n, err)
		}
	})
}
