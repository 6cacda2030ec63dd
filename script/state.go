package script

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// Config is what a run or a shell begins with. The zero value reads nothing,
// writes nowhere and asks nobody.
type Config struct {
	Network proto.Network // nil: the host's TCP
	Sandbox bool          // Network leads nowhere: there is no TLS in it, and nobody to be warned of
	In      io.Reader     // what "run -" reads and what !commands get
	Out     io.Writer     // what was asked for: listings, files, values
	Err     io.Writer     // everything else: echoed lines, what was done, warnings

	Ask      Asker                 // nil: nobody is there to ask, as in a script
	Show     Shower                // nil: plain lines
	Program  func(*exec.Cmd) error // runs a command that may want the terminal for itself; nil: cmd.Run
	Trace    func(Said)            // hears the dialogue of all sessions besides debug and verbose, one line at a time
	Events   func(bulk.Event)      // hears the transfers; nil: a line for each that is done
	Record   string                // file to write the session down in, as a script; "": none
	Recorder Recorder              // hears what every line does; may be nil
	Control  *bulk.Control         // holds the transfers; nil: nobody does
	Total    *bulk.Rate            // bounds the bytes a second of all that share it; nil: its own
	Client   client.Config         // timeouts and address rules of every connection; Network and Trace are set here
	Preset   map[string]string     // settings that differ from their defaults
	Books    Books                 // what Run keeps and tells besides

	First    string                      // a line that Run runs before all others
	Dir      string                      // local directory at the start; "": the process's
	Args     []string                    // ${1}, ${2}, …
	Env      func(string) (string, bool) // nil: the process's environment
	Netrc    string                      // path; "": ~/.netrc
	State    string                      // directory of what is remembered of servers; "": for this run only
	Now      func() time.Time            // nil: time.Now
	History  func() []string             // what was typed; nil: there is no history
	Verbs    []Verb                      // besides those of Verbs()
	Personal string                      // directory of config and bookmarks; "": none
	Width    func() int                  // columns of the terminal that Show writes to
	Ink      func(Ink, string) string    // colours a text; nil: there are none
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
	Once Answer = "once" // yes, and ask again the next time
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
	total *bulk.Rate
	Jobs  *Jobs
	log   *logbook // of --log; nil without

	// of the connection; cleared by disconnect
	client  *client.Client
	site    Site
	pending *client.Credentials // .netrc's, until a verb needs them or user names others
	server  *bulk.Server        // what transfers have learned of the server

	// where the last open led, for reopen; cleared by close
	last session

	// of all servers
	known *known

	// of the session
	dir      string // local, absolute
	Settings Settings
	usual    Settings // what they were before anybody changed them
	vars     map[string]Word
	macros   map[string][]string
	routines map[string]*routine // what def has made
	atEnd    [][]Line            // lines of at-end, in their order
	ending   *ending             // set while they run
	mends    bool                // a connection that is gone is made again without being asked
	depth    int                 // of macros and files that call each other
	path     []string            // Op.Path: turns and calls around the line that runs
	try      int                 // Op.Try
	job      int                 // which job this session is of; 0: the foreground
	strict   int                 // blocks around in which every failure counts, whatever on-error says
	here     string              // ${here}: the directory of the script, of the process at a prompt
	temp     string              // ${temp}; "" until somebody wants it
	params   proto.Params        // wanted; applied at once or after the next login

	// of the lines that have run
	status   int     // ${status}: the exit code of the last one
	message  string  // ${error}: its failure
	failed   []error // those that did not end the run
	tally    tally
	op       Op        // the one that runs, for those who record it
	plan     *planner  // of --plan; nil otherwise
	foreseen []string  // by the plan, of the line that runs
	away     string    // the plan's remote directory, when it isn't there yet
	day      time.Time // what ${date:…} tells of in a run that goes on; zero: now

	recording *recording // what is written down of the session; nil: nothing

	// of the next transfer; cleared by it
	restart int64

	// of the transfer that runs
	tracing sync.Mutex
	marked  bool // # were printed on the last line
}

// Site is where the control connection leads.
type Site struct {
	Host string // as it was typed
	Port string
	User string // "" before the login
	Dir  string // remote directory, "" when not known

	Trust Trust // what is known of who that is
}

// newState is a session that has not begun.
func newState(cfg Config, t *Table) (*State, error) {
	st := &State{
		cfg: cfg, table: t,
		Settings: DefaultSettings(), vars: map[string]Word{}, macros: map[string][]string{}, routines: map[string]*routine{}, params: proto.Binary(),
		known: openKnown(cfg.State),
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, err
	}
	st.dir, st.here = dir, dir
	if st.total = cfg.Total; st.total == nil {
		st.total = bulk.NewRate(0)
	}
	var mu sync.Mutex
	st.Out, st.Err = &writer{&mu, cfg.Out}, &writer{&mu, cfg.Err}
	st.Jobs = newJobs(st.Err, cfg.Ask != nil)
	if cfg.Ask != nil {
		st.Settings.Existing = bulk.Ask
		st.cfg.Ask = witness{cfg.Ask, st}
	}
	st.usual = st.Settings
	for name, value := range cfg.Preset {
		if err := st.set(name, value); err != nil {
			return nil, err
		}
	}
	st.follow()
	for i, arg := range cfg.Args {
		st.vars[strconv.Itoa(i+1)] = Bare(arg)
	}
	return st, nil
}

// writer is the output: the verb's goroutine and the one that reads replies
// during a transfer both write, a line at a time.
type writer struct {
	mu *sync.Mutex
	to io.Writer // nil: nobody listens
}

func (w *writer) Write(p []byte) (int, error) {
	if w.to == nil {
		return len(p), nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// Client is the connection, nil without one.
func (st *State) Client() *client.Client { return st.client }

// Site is where the connection leads; its zero value without one.
func (st *State) Site() Site { return st.site }

// Lost is where a connection led that is gone and could not be made again,
// which the next verb tries once more; its zero value when there is none.
func (st *State) Lost() Site {
	if st.client != nil || st.last.who.User == "" {
		return Site{}
	}
	return Site{Host: st.last.to.host, Port: st.last.to.port, User: st.last.who.User}
}

// LocalDir is the local directory, absolute.
func (st *State) LocalDir() string { return st.dir }

// LoggedIn reports whether the server has accepted a user.
func (st *State) LoggedIn() bool { return st.client != nil && st.site.User != "" }

// Where is the remote directory, asked for when it is not known.
func (st *State) Where(ctx context.Context) (string, error) {
	if st.site.Dir != "" || st.client == nil {
		return st.site.Dir, nil
	}
	dir, err := st.client.Pwd(ctx)
	if err == nil {
		st.know(dir)
	}
	return dir, err
}

// know notes where the server says that we are.
func (st *State) know(dir string) {
	st.site.Dir, st.last.trail = dir, []string{dir}
}

// Local is the path of a local name: ~ is the home directory, and a relative
// name stands in the local directory.
func (st *State) Local(name string) string {
	if name == "~" || strings.HasPrefix(name, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			name = home + name[1:]
		}
	}
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(st.dir, name)
}

// clientConfig is how the next connection is made.
func (st *State) clientConfig(t target) client.Config {
	cfg := st.cfg.Client
	cfg.Network = st.cfg.Network
	if st.plan != nil {
		cfg.Permit = permitLooks
	}
	switch {
	case st.cfg.Sandbox:
		cfg.TLS = client.TLSOff
	case t.tls != client.TLSIfOffered:
		cfg.TLS = t.tls
	case st.Settings.TLS == TLSAlways:
		cfg.TLS = client.TLSRequired
	case st.Settings.TLS == TLSNever:
		cfg.TLS = client.TLSOff
	}
	for _, d := range []struct{ to, from *time.Duration }{
		{&cfg.Timeouts.Connect, &st.Settings.Connect},
		{&cfg.Timeouts.Reply, &st.Settings.Reply},
		{&cfg.Timeouts.Stall, &st.Settings.Stall},
	} {
		if *d.from != 0 {
			*d.to = *d.from
		}
	}
	return cfg
}

// say tells what was done: one line beside the output.
func (st *State) say(format string, args ...any) {
	text := list.Printable(fmt.Sprintf(format, args...))
	st.log.line(text)
	if !st.Settings.Quiet {
		fmt.Fprintln(st.Err, st.fold(text))
	}
}

// warn tells what a person should know, quiet or not.
func (st *State) warn(format string, args ...any) {
	text := "ferry: " + list.Printable(fmt.Sprintf(format, args...))
	st.log.line(text)
	fmt.Fprintln(st.Err, st.fold(text))
}

// print writes what was asked for: one line, columns with tabs between them.
func (st *State) print(columns ...string) error {
	for i := range columns {
		columns[i] = list.Printable(columns[i])
	}
	_, err := fmt.Fprintln(st.Out, strings.Join(columns, "\t"))
	return err
}
