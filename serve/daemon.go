package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/admin"
	"ferry/serve/settings"
	"ferry/serve/store"
	"ferry/serve/users"
)

// Daemon is `ferry serve` as its flags describe it.
type Daemon struct {
	Dir    string
	Listen []string // none here and in TLS.Implicit: port 21, else 2121

	User        string
	Password    Password
	UsersFile   string
	Anonymous   bool
	AuthCommand []string // asked about users that nobody else knows
	AuthURL     string

	Files      Files
	Replies    Profile
	CodePage   data.CodePage
	Congestion proto.Congestion // of data connections
	Hosts      []string         // names that HOST may say
	Passive    Passive
	FXP        Trusted
	Limits     Limits
	Admission  Admission
	TLS        Encryption
	ACME       ACME

	LogFile         string // "": standard error, without commands
	LogFormat       LogFormat
	Trace           bool
	NoState         bool
	RunAs           string
	Confine         Confinement
	Umask           string // octal; "": as it is
	AnonymousRoot   string // as Record.Root
	AnonymousLimits users.Limits
	For             time.Duration // 0: until it is stopped
	Once            Once

	Watchdog Watchdog
	Patience time.Duration // with a server that does not answer; 0: the default
	Handed   Handed

	Written Written
	Control Control // how the administrator reaches it
	Told    Told

	ConfigFile string          // "": none
	Settings   settings.Values // of all places
	Given      settings.Values // of the command line alone
	Servers    []VirtualServer
	ReadConfig func() ([]byte, error)            // the file as it is now
	Reread     func(text []byte) (Daemon, error) // what the daemon is with that; nil: settings stay

	Out, Err io.Writer
}

// Run serves until ctx ends or the daemon's own time is over, then lets
// running transfers finish.
func (d Daemon) Run(ctx context.Context) error {
	log, to, err := d.logger()
	if err != nil {
		return err
	}
	defer to.Close()
	auth, err := d.newIssuer(log)
	if err != nil {
		return err
	}
	defer auth.close()
	set, err := d.certificates(log, auth) // before root is given up, which may read the keys
	if err != nil {
		return err
	}
	cas, err := d.clientCAs()
	if err != nil {
		return err
	}
	tell, err := d.newTelling()
	if err != nil {
		return err
	}
	listeners, err := d.listen(ctx)
	if err != nil {
		return err
	}
	control, err := d.openControl(listeners)
	if err != nil {
		closeAll(listeners)
		return err
	}
	if control != nil {
		defer control.Close()
	}
	kept := d.openBook(log, listeners)
	defer kept.close()
	written, err := d.openWritten(log)
	if err != nil {
		closeAll(listeners)
		return err
	}
	defer written.close()
	web, err := d.openWeb(ctx, set)
	if err != nil {
		closeAll(listeners)
		return err
	}
	measured, err := d.openMetrics(ctx)
	if err != nil {
		closeAll(listeners)
		return err
	}
	if err := d.settle(log); err != nil {
		closeAll(listeners)
		return err
	}
	hasher := users.NewHasher()
	who, shown, err := d.users(hasher, log)
	if err == nil {
		err = auth.obtain(ctx)
	}
	if err == nil {
		err = tell.start(d, log)
	}
	if err != nil {
		closeAll(listeners)
		return err
	}
	cfg := d.config(who, log)
	all, err := d.virtualHosts(&cfg, who, hasher, log)
	if err != nil {
		closeAll(listeners)
		return err
	}
	cfg.TLS = d.TLS.config(set, cas)
	st := steer{hub: admin.NewHub(), ln: control, metrics: measured, web: web, book: kept}
	cfg.Observe = observers(st.hub.Observe, written.observe)
	defer tell.close(context.WithoutCancel(ctx))
	tell.join(&cfg)
	var reach []string // set before anybody is served
	cfg.Changed = func() { d.beyond(log, all, reach) }
	srv, err := New(cfg)
	if err != nil {
		closeAll(listeners)
		return &UsageError{Err: err}
	}
	if err := srv.public.start(ctx); err != nil {
		closeAll(listeners)
		return err
	}
	reach = d.confine(log, all, append(tell.keeps(d), auth.keeps()))
	if d.Handed.Parent == nil { // which has greeted
		d.greet(listeners, shown, set)
		web.tell(d)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	kept.join(ctx, srv, d.Handed.Parent != nil)
	r := &running{srv: srv, log: log, set: set, written: written, to: to, daemon: d}
	open, shut := context.WithCancel(context.WithoutCancel(ctx)) // the administrator sees the end, too
	defer shut()
	st.run(open, d, r, who, listeners, stop)
	err = d.serve(ctx, r, listeners)
	shut()
	r.farewell()
	return err
}

// settle gives up what is not needed once the ports are open.
func (d Daemon) settle(log *slog.Logger) error {
	if d.Umask != "" {
		mask, err := strconv.ParseUint(d.Umask, 8, 9)
		if err == nil {
			err = setUmask(int(mask))
		}
		if err != nil {
			return &UsageError{fmt.Errorf("serve: --umask %s: %w", d.Umask, err), "it wants octal digits, as in 027"}
		}
	}
	if err := d.drop(log); err != nil {
		return err
	}
	if _, err := statDir(d.Dir); err != nil {
		return &StartError{fmt.Errorf("serve: %w", err), "ferry serve DIR wants a directory that exists and that you may read"}
	}
	return nil
}

func (d Daemon) config(who users.Directory, log *slog.Logger) Config {
	cfg := Config{
		Users:      who,
		Open:       newRoots(d.Dir, store.DiskOptions{}).Open,
		Files:      d.Files,
		Passive:    d.Passive,
		FXP:        d.FXP,
		Limits:     d.Limits,
		Admission:  d.Admission,
		Replies:    d.Replies,
		Logger:     log,
		Once:       d.Once,
		CodePage:   d.CodePage,
		Congestion: d.Congestion,
		Hosts:      map[string]Host{},
	}
	for _, name := range d.Hosts {
		cfg.Hosts[strings.ToLower(name)] = Host{}
	}
	if d.Trace {
		cfg.Trace = traceTo(d.Err)
	}
	return cfg
}

// users joins the directories that the flags name. shown is the account that
// people are told, nil when there is none of that kind.
func (d Daemon) users(hasher *users.Hasher, log *slog.Logger) (users.Directory, *shownAccount, error) {
	var all []users.Directory
	var shown *shownAccount
	if d.UsersFile != "" {
		f, err := users.Open(d.UsersFile, users.Options{Hasher: hasher, Report: func(err error) {
			log.Error("users file can't be read, the last good one stays in force", "err", err)
		}})
		if err != nil {
			return nil, nil, &StartError{fmt.Errorf("serve: --users: %w", err), usersFileHint(err)}
		}
		all = append(all, f)
	}
	if d.hasAccount() {
		one, account, err := d.account(hasher)
		if err != nil {
			return nil, nil, err
		}
		shown = account
		all = append(all, one)
	}
	if d.Anonymous {
		all = append(all, users.Anonymous(d.AnonymousRoot, users.ReadOnly, d.AnonymousLimits))
	}
	outside, err := d.outside(log)
	return users.Join(append(all, outside...)...), shown, err
}

// account is the user that no file knows.
func (d Daemon) account(hasher *users.Hasher) (users.Directory, *shownAccount, error) {
	name := d.User
	if name == "" {
		name = defaultUser
	}
	if d.Password.Hash != "" {
		one, err := users.Hashed(hasher, name, d.Password.Hash, "")
		return one, nil, err
	}
	pass, origin, err := d.Password.get()
	if err != nil {
		return nil, nil, &StartError{fmt.Errorf("serve: %w", err), "without it, FERRY_PASSWORD is the password, or one is made up"}
	}
	one, err := users.Single(hasher, name, pass, "")
	if err != nil {
		return nil, nil, fmt.Errorf("serve: --user: %w", err)
	}
	return one, &shownAccount{name: name, pass: pass, origin: origin}, nil
}

// hasAccount reports whether there is a user that no file knows.
func (d Daemon) hasAccount() bool {
	return d.User != "" || d.UsersFile == "" && !d.Anonymous && !d.asksOutside()
}

func (d Daemon) asksOutside() bool { return len(d.AuthCommand) > 0 || d.AuthURL != "" }

// outside is who else is asked about logins.
func (d Daemon) outside(log *slog.Logger) ([]users.Directory, error) {
	report := func(err error) { log.Error("login refused, since nobody could be asked", "err", err) }
	switch {
	case len(d.AuthCommand) > 0 && d.AuthURL != "":
		return nil, &UsageError{Err: errors.New("serve: --auth-command and --auth-url: one of them is enough")}
	case len(d.AuthCommand) > 0:
		o, err := users.ByCommand(d.AuthCommand, report)
		if err != nil {
			return nil, &StartError{fmt.Errorf("serve: --auth-command: %w", err), "it wants a program, and its arguments with blanks between"}
		}
		return []users.Directory{o}, nil
	case d.AuthURL != "":
		o, err := users.ByURL(d.AuthURL, report)
		if err != nil {
			return nil, &UsageError{Err: fmt.Errorf("serve: --auth-url: %w", err)}
		}
		return []users.Directory{o}, nil
	}
	return nil, nil
}

func usersFileHint(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "whoever ferry runs as must be able to read it: --run-as USER, or chown the file"
	}
	return "ferry users add --file FILE NAME makes one"
}

// defaultUser is who may log in when nobody is named.
const defaultUser = "ferry"
