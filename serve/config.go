package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/live"
	"ferry/serve/store"
	"ferry/serve/users"
)

// Config is everything that New wants to know. The zero value of each field
// is the safe one; Users and Open have none and are required.
type Config struct {
	Network   proto.Network   // where data connections come from; nil: the host's TCP
	Users     users.Directory // who may log in
	Open      Opener          // which files a user sees; see Roots
	Files     Files
	Hosts     map[string]Host // what HOST may choose, by name in lower case; RFC 7151
	Passive   Passive
	FXP       Trusted // other servers that data connections may be made with
	TLS       TLS
	Admission Admission
	Limits    Limits // fields that are zero get their default

	Congestion proto.Congestion // of data connections

	Replies  Profile
	Greeting string        // text of the 220 reply; "" for ferry's own
	CodePage data.CodePage // of TYPE E

	Logger *slog.Logger // nil: nothing is logged
	Trace  Tracer       // nil: nothing is traced

	// Observe is told what has happened, by the goroutine that it happened in:
	// it must be quick, and put what takes long into a queue. nil: nobody is.
	Observe func(live.Event)

	// Changed is told that the users have changed, soon after; nil: nobody is.
	Changed func()

	// Examine is asked about every upload before it gets its name; an error
	// turns it away, ErrRejected because of what is in it. file is where its bytes
	// lie on the host. Uploads that can't be looked at before they are there
	// are refused. nil: all are taken.
	Examine func(ctx context.Context, e live.Event, file string) error
	// Fingerprints: the events of uploads have their SHA-256. SentFingerprints:
	// those of whole downloads, too, where bytes don't go from file to network in
	// the kernel: with TLS, or as another type or mode than the file's own.
	Fingerprints, SentFingerprints bool

	// Once ends Serve when the last session of those that logged in is over.
	Once Once
}

// Host is a server of its own behind the same address. What it leaves out is
// the Config's.
type Host struct {
	Users    users.Directory
	Open     Opener
	Greeting string

	name string // by which it was found; "": the server itself
}

// Opener gives the store of a user who has just logged in.
type Opener func(ctx context.Context, who users.Record) (store.Store, error)

// Tracer gives the wire trace of one session.
type Tracer func(session uint64) proto.Trace

// Files is what may happen to files, whoever asks.
type Files struct {
	ReadOnly  bool
	Overwrite Overwrite
}

// Passive says where passive data connections come in.
type Passive struct {
	Ports PortRange // zero: the system chooses
	// Public is the host name or IPv4 address that 227 announces to peers
	// outside; "" for the address that the control connection came to. A name
	// is looked up again now and then.
	Public string
}

// ParseCodePage reads "037" or "1047".
func ParseCodePage(word string) (data.CodePage, error) {
	return oneOf(word, []string{"037", "1047"}, []data.CodePage{data.IBM037, data.IBM1047})
}

// PortRange is First to Last, both included.
type PortRange struct{ First, Last uint16 }

// Overwrite is what STOR may do to a name that exists.
type Overwrite int

const (
	OverwriteDefault Overwrite = iota // Allow with the profile RFC, Deny with Report
	OverwriteAllow                    // replaced atomically
	OverwriteDeny                     // refused
)

// Profile chooses the codes where the 2018 report and the RFCs differ.
type Profile int

const (
	RFC    Profile = iota // what RFC 959, 1123 and 5797 say
	Report                // what the report chose
)

// Once says whether a server ends by itself.
type Once int

const (
	Forever  Once = iota
	OneVisit      // ends when all who logged in have gone
)

// oneOf finds a word among those that a setting takes.
func oneOf[T any](word string, words []string, values []T) (T, error) {
	if i := slices.Index(words, word); i >= 0 {
		return values[i], nil
	}
	var none T
	return none, fmt.Errorf("%q: want %s", word, strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " or "))
}

// ParseOverwrite reads "allow" or "deny"; "" is the default.
func ParseOverwrite(word string) (Overwrite, error) {
	return oneOf(word, []string{"", "allow", "deny"}, []Overwrite{OverwriteDefault, OverwriteAllow, OverwriteDeny})
}

// ParseProfile reads "rfc" or "report".
func ParseProfile(word string) (Profile, error) {
	return oneOf(word, []string{"rfc", "report"}, []Profile{RFC, Report})
}

// ParsePortRange reads "50000-50009" or "50000"; "" is no range.
func ParsePortRange(s string) (PortRange, error) {
	if s == "" {
		return PortRange{}, nil
	}
	first, last, two := strings.Cut(s, "-")
	if !two {
		last = first
	}
	a, aerr := strconv.ParseUint(strings.TrimSpace(first), 10, 16)
	b, berr := strconv.ParseUint(strings.TrimSpace(last), 10, 16)
	r := PortRange{First: uint16(a), Last: uint16(b)}
	if aerr != nil || berr != nil {
		return PortRange{}, fmt.Errorf("port range %q: want two numbers, as in 50000-50009", s)
	}
	return r, r.validate()
}

func (r PortRange) validate() error {
	switch {
	case r == PortRange{}:
		return nil
	case r.First == 0 || r.Last == 0:
		return fmt.Errorf("port range %s: port 0 can't be listened on", r)
	case r.First > r.Last:
		return fmt.Errorf("port range %s: the first port is above the last; try %d-%d", r, r.Last, r.First)
	}
	return nil
}

func (r PortRange) String() string { return fmt.Sprintf("%d-%d", r.First, r.Last) }

// count is the number of ports in the range, 0 when none is configured.
func (r PortRange) count() int {
	if r.First == 0 {
		return 0
	}
	return int(r.Last) - int(r.First) + 1
}

// Validate says what is wrong with a configuration, every fault at once.
func (c Config) Validate() error {
	var faults []error
	if c.Users == nil {
		faults = append(faults, errors.New("no users: nobody could log in; set Users, for instance to users.Single"))
	}
	if c.Open == nil {
		faults = append(faults, errors.New("no files: set Open, for instance to Roots(dir)"))
	}
	if err := c.Passive.Ports.validate(); err != nil {
		faults = append(faults, err)
	}
	if ip, err := netip.ParseAddr(c.Passive.Public); err == nil && !ip.Unmap().Is4() {
		faults = append(faults, fmt.Errorf("public address %s: 227 carries IPv4 only; IPv6 clients use EPSV and need no public address", ip))
	}
	for name, h := range c.Hosts {
		if name == "" || name != strings.ToLower(name) || strings.ContainsAny(name+h.Greeting, "\r\n\x00") {
			faults = append(faults, fmt.Errorf("host %q: names are in lower case, greetings of one line", name))
		}
	}
	if c.TLS.CCC == CCCAllowed && c.TLS.Policy != TLSOptional {
		faults = append(faults, errors.New("commands in clear after CCC (--ccc allow) need TLS that is optional, neither off nor required"))
	}
	if strings.ContainsAny(c.Greeting, "\r\n\x00") {
		faults = append(faults, errors.New("greeting: must be one line"))
	}
	return errors.Join(append(faults, c.Limits.validate())...)
}

// complete fills in what was left out, so that the rest of the package finds
// no nil and no zero.
func (c Config) complete() Config {
	c.Limits = c.Limits.complete()
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Network == nil {
		c.Network = proto.TCP{}
	}
	if c.Files.Overwrite == OverwriteDefault {
		c.Files.Overwrite = OverwriteAllow
		if c.Replies == Report {
			c.Files.Overwrite = OverwriteDeny
		}
	}
	return c
}
