package script

import (
	"context"
	"io"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// Config is what a run or a shell begins with. The zero value reads nothing,
// writes nowhere and asks nobody.
type Config struct {
	Network proto.Network // nil: the host's TCP
	In      io.Reader     // what "run -" reads and what !commands get
	Out     io.Writer     // what was asked for: listings, files, values
	Err     io.Writer     // everything else: echoed lines, what was done, warnings

	Ask    Asker             // nil: nobody is there to ask, as in a script
	Show   Shower            // nil: plain lines
	Trace  proto.Trace       // hears the dialogue besides debug and verbose
	Events func(bulk.Event)  // hears the transfers
	Client client.Config     // timeouts and address rules of every connection; Network and Trace are set here
	Preset map[string]string // settings that differ from their defaults

	Dir     string                      // local directory at the start; "": the process's
	Args    []string                    // ${1}, ${2}, …
	Env     func(string) (string, bool) // nil: the process's environment
	Netrc   string                      // path; "": ~/.netrc
	Now     func() time.Time            // nil: time.Now
	History func() []string             // what was typed; nil: there is no history
	Verbs   []Verb                      // besides those of Verbs()
}

// Asker asks the person at the terminal.
type Asker interface {
	// Line asks for a line, with a proposal that Enter accepts.
	Line(ctx context.Context, question, proposal string) (string, error)
	// Secret asks without echo.
	Secret(ctx context.Context, question string) (proto.Secret, error)
	// Choose asks for one of several answers; the first is what Enter means.
	Choose(ctx context.Context, question string, answers ...Answer) (Answer, error)
	// Conflict asks what to do about a name that exists.
	Conflict(ctx context.Context, c bulk.Conflict) (bulk.Answer, error)
}

// Answer is one of the answers to a question.
type Answer string

const (
	Yes  Answer = "yes"
	No   Answer = "no"
	All  Answer = "all"  // yes, and don't ask again
	Quit Answer = "quit" // no, and stop
)

// State is what verbs work on: the connection, the local side, the settings.
// It belongs to one goroutine.
type State struct {
	// fixed
	cfg   Config
	table *Table
	Out   io.Writer
	Err   io.Writer

	// of the connection; cleared by close
	client *client.Client
	site   Site

	// of the session
	dir      string // local, absolute
	Settings Settings
	vars     map[string]Word
	params   proto.Params // wanted; applied at once or by the next open

	// of the next transfer; cleared by it
	restart int64
}

// Site is where the control connection leads.
type Site struct {
	Host string // as it was typed
	Port string
	User string // "" before the login
	Dir  string // remote directory, "" when not known
}

// Client is the connection, nil without one.
func (st *State) Client() *client.Client { return st.client }

// Site is where the connection leads; its zero value without one.
func (st *State) Site() Site { return st.site }

// LocalDir is the local directory, absolute.
func (st *State) LocalDir() string { return st.dir }

// LoggedIn reports whether the server has accepted a user.
func (st *State) LoggedIn() bool { return st.client != nil && st.site.User != "" }
