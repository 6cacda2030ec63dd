package client

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"ferry/proto"
	"ferry/proto/bare"
)

// Config says how a Client connects. The zero value is good.
type Config struct {
	Network  proto.Network // nil: the host's TCP
	Relay    Relay         // an FTP proxy in between
	Trace    proto.Trace   // receives every line of the control connection; nil: nobody
	Permit   Permit        // asked about every command; nil: all may be sent
	Timeouts Timeouts
	TLS      TLSPolicy
	Security Security // whom TLS trusts

	Data        Method           // how data connections are made
	ActiveAddr  netip.Addr       // what PORT and EPRT announce; zero: the control connection's local address
	ActivePorts PortRange        // where active mode listens; zero: the system chooses
	DataHost    DataHost         // whom data connections may be made with
	Quirks      Quirks           // what is known of the server already, from Client.Quirks of an earlier session
	Features    proto.Features   // what FEAT said to the same user before: it isn't asked again; nil: not known
	Charset     *Charset         // of names; nil: bytes as they are
	Lists       Lists            // how directories are listed
	ListFlags   string           // flags for LIST and STAT, such as "-a"; "" none. MLSD has none
	Location    *time.Location   // of the times in LIST; nil: UTC
	NativeNames bool             // IBM i: keep its own names for files, in place of paths
	Congestion  proto.Congestion // of data connections
	Channel     Channel          // whether many files share a data connection at ferry's servers
	AbortSynch  bool             // ABOR is led in by Telnet's IP and Synch (RFC 959 §4.1.3), which some old servers want
}

// Permit is asked before a command is sent. Its error comes back in place of a
// reply, and nothing has happened.
type Permit func(proto.Command) error

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
	TLSIfOffered TLSPolicy = iota // AUTH TLS, and in clear where it is refused; not on this machine
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
type Client struct {
	cfg      Config // complete: defaults are filled in
	host     string // host and port, as dialled
	peer     netip.Addr
	greeting proto.Reply

	conn  *proto.Conn
	wire  *bare.Conn      // below conn, where that is TCP on this machine; nil: it isn't
	tls   *protection     // of conn; nil: in clear
	who   *Credentials    // of the last login; nil: none
	owed  []proto.Command // sent and not yet answered to the end, in order
	echo  bool            // a transfer was answered last: strays may follow
	stood int             // bytes of commands in one write that the server may be trusted with; 0: not tried

	patience time.Duration // how long a reply may take while HashSlow waits, where that is more than Timeouts.Reply

	lane   *lane   // a data connection that stays; nil: none
	busy   bool    // data is moving: no other command may be sent
	in     session // what the server's end of the session is like
	params proto.Params

	mu     sync.Mutex // guards what follows
	road   net.Conn   // below lane
	pace   string     // the congestion control that data connections got
	lost   error      // why the client is Broken: *LostError or ErrClosed
	quirks Quirks
	trip   time.Duration // the quickest answer so far; 0: none yet
}

func newClient(nc net.Conn, host string, cfg Config) *Client {
	c := &Client{
		cfg:    cfg,
		host:   host,
		peer:   peerOf(nc, host, cfg.Network),
		params: proto.Binary(),
		quirks: cfg.Quirks,
	}
	c.conn = proto.NewConn(c.under(nc), cfg.Trace)
	c.in.begin()
	return c
}

// addrOf is the IP address of a, the zero value when it has none.
func addrOf(a net.Addr) netip.Addr {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}

// Broken reports whether the control connection can't be used any more.
func (c *Client) Broken() bool { return c.usable() != nil }

// Err is why the Client is Broken, nil while it isn't.
func (c *Client) Err() error { return c.usable() }

// Close ends the session without a word. It may be called at any time, by any
// goroutine, and more than once.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost != nil {
		return nil
	}
	c.lost = ErrClosed
	c.closeRoad()
	return c.conn.Close()
}

// Quit ends the session with QUIT, waits a moment for the answer and closes.
// The session is over whatever it returns.
func (c *Client) Quit(ctx context.Context) error {
	if c.Broken() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, quitWait)
	defer cancel()
	_, err := c.do(ctx, proto.Cmd("QUIT"))
	_ = c.Close() // the server may have hung up already, and then TLS's farewell fails
	return err
}

// Leave is Quit without waiting for the answer, which tells nobody anything.
func (c *Client) Leave(ctx context.Context) {
	if !c.Broken() && c.ready(ctx) == nil {
		_ = c.post(ctx, proto.Cmd("QUIT"))
	}
	_ = c.Close()
}

// Do sends one command and returns its last reply. A code of 400 and above,
// and a 202 that says that nothing was done, come with a *proto.ReplyError.
// Commands that need a data connection are refused with ErrData.
func (c *Client) Do(ctx context.Context, cmd proto.Command) (proto.Reply, error) {
	if needsData(cmd.Verb) {
		return proto.Reply{}, fmt.Errorf("%s: %w", cmd.Verb, ErrData)
	}
	if cmd.Verb == "AUTH" || cmd.Verb == "CCC" || cmd.Verb == "REIN" && c.tls != nil {
		return proto.Reply{}, fmt.Errorf("%s: %w", cmd.Verb, ErrSecurity)
	}
	return c.do(ctx, cmd)
}

// Quote is Do for a line as a person types it.
func (c *Client) Quote(ctx context.Context, line string) (proto.Reply, error) {
	cmd, err := proto.ParseCommand(line)
	if err != nil {
		return proto.Reply{}, err
	}
	return c.Do(ctx, cmd)
}

// Host is the address that was dialled, host and port.
func (c *Client) Host() string { return c.host }

// Peer is the server's address; not valid when the network has none.
func (c *Client) Peer() netip.Addr { return c.peer }

// Greeting is the server's first reply.
func (c *Client) Greeting() proto.Reply { return c.greeting }

// Features is what FEAT said after the login; empty when the server has none.
func (c *Client) Features() proto.Features { return c.in.features }

// Quirks is what was learned of the server so far.
func (c *Client) Quirks() Quirks {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.quirks
}

// learn notes something about the server.
func (c *Client) learn(note func(*Quirks)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	note(&c.quirks)
}

// RoundTrip is the shortest time that an answer has taken, the server's own
// work included; 0 when nothing was asked yet.
func (c *Client) RoundTrip() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trip
}

func (c *Client) answered(after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trip == 0 || after < c.trip {
		c.trip = after
	}
}

// SetCharset changes how names are written from now on.
func (c *Client) SetCharset(cs *Charset) { c.cfg.Charset = cs }

// SetActive changes what active mode announces and where it listens.
func (c *Client) SetActive(at netip.Addr, ports PortRange) {
	c.cfg.ActiveAddr, c.cfg.ActivePorts = at, ports
}

// SetData changes how data connections are made from now on.
func (c *Client) SetData(m Method) { c.cfg.Data = m }

// DataMethod is how data connections are made.
func (c *Client) DataMethod() Method { return c.cfg.Data }
