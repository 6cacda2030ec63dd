package client

import (
	"context"
	"net/netip"
	"time"

	"ferry/proto"
)

// Config says how a Client connects. The zero value is good.
type Config struct {
	Network  proto.Network // nil: the host's TCP
	Trace    proto.Trace   // receives every line of the control connection; nil: nobody
	Timeouts Timeouts
	TLS      TLSPolicy

	Data        Method         // how data connections are made
	ActiveAddr  netip.Addr     // what PORT and EPRT announce; zero: the control connection's local address
	ActivePorts PortRange      // where active mode listens; zero: the system chooses
	DataHost    DataHost       // whom data connections may be made with
	Quirks      Quirks         // what is known of the server already, from Client.Quirks of an earlier session
	ListFlags   string         // flags for LIST, such as "-a"; "" none. MLSD has none
	Location    *time.Location // of the times in LIST; nil: UTC
	AbortSynch  bool           // ABOR is led in by Telnet's IP and Synch (RFC 959 §4.1.3), which some old servers want
}

// Timeouts bound every wait. Zero fields get the defaults of limits.go,
// negative ones mean no bound.
type Timeouts struct {
	Connect time.Duration // lookup and connect of the control connection
	Reply   time.Duration // each reply
	Meet    time.Duration // until a data connection stands
	Stall   time.Duration // while no byte moves on a data connection
	Abort   time.Duration // the replies to ABOR; after it the Client is Broken
}

// PortRange is first to last, both included.
type PortRange struct{ First, Last uint16 }

// TLSPolicy says when the control connection is encrypted.
type TLSPolicy byte

const (
	TLSIfOffered TLSPolicy = iota
	TLSOff
	TLSRequired // AUTH TLS or no session
	TLSImplicit // from the first byte, port 990
)

// DataHost says whom data connections may be made with.
type DataHost byte

const (
	// ControlPeer: only the host at the other end of the control connection.
	ControlPeer DataHost = iota
	// Announced: the address in a 227 reply, unless it can't be reached from
	// here. Only for servers whose data comes from another machine.
	Announced
)

// Client is one control connection with its server.
type Client struct{}

// Broken reports whether the control connection can't be used any more.
func (c *Client) Broken() bool { return true }

// Close ends the session without a word. It may be called at any time, by any
// goroutine, and more than once.
func (c *Client) Close() error { return nil }

// Quit ends the session with QUIT, waits a moment for the answer and closes.
func (c *Client) Quit(ctx context.Context) error { return nil }

// Do sends one command and returns its last reply. A code of 400 and above,
// and a 202 that says that nothing was done, come with a *proto.ReplyError.
// Commands that need a data connection are refused with ErrData.
func (c *Client) Do(ctx context.Context, cmd proto.Command) (proto.Reply, error) {
	return proto.Reply{}, nil
}

// Quote is Do for a line as a person types it.
func (c *Client) Quote(ctx context.Context, line string) (proto.Reply, error) {
	return proto.Reply{}, nil
}

// Answer is what became of one command of DoAll.
type Answer struct {
	Reply proto.Reply
	Err   error // *proto.ReplyError, or nil
}

// DoAll sends commands in as few writes as the server stands, and returns
// their answers in order. The error is that of the connection: the commands
// behind the last answer have none.
func (c *Client) DoAll(ctx context.Context, cmds []proto.Command) ([]Answer, error) {
	return nil, nil
}

// Host is the address that was dialled, host and port.
func (c *Client) Host() string { return "" }

// Greeting is the server's first reply.
func (c *Client) Greeting() proto.Reply { return proto.Reply{} }

// Encrypted reports whether the control connection runs over TLS.
func (c *Client) Encrypted() bool { return false }

// Features is what FEAT said after the login; empty when the server has none.
func (c *Client) Features() proto.Features { return nil }

// Quirks is what was learned of the server so far.
func (c *Client) Quirks() Quirks { return Quirks{} }

// SetData changes how data connections are made from now on.
func (c *Client) SetData(m Method) {}

// DataMethod is how data connections are made.
func (c *Client) DataMethod() Method { return Passive }
