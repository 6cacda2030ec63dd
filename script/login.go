package script

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

const anonymous = "anonymous"

// session is what it takes to connect again.
type session struct {
	to    target
	who   client.Credentials
	trail []string // the directory changes since the login, the last absolute one first
}

// went notes a change of the remote directory. PWD would tell where it leads,
// but costs a round trip each time.
func (s *session) went(dir string) {
	if strings.HasPrefix(dir, "/") {
		s.trail = nil
	}
	s.trail = append(s.trail, dir)
}

// connect goes to a target, logs in where it is known as whom, and enters the
// URL's directory. An earlier connection is closed first.
func (st *State) connect(ctx context.Context, t target) error {
	_ = st.disconnect(ctx)
	st.last = session{to: t}
	if err := st.dial(ctx, t); err != nil {
		return err
	}
	who, found, err := st.credentials(ctx, t)
	if err != nil {
		return err
	}
	if !found { // a script that names nobody is a guest, as with all that fetch by themselves
		who = guest(anonymous)
	}
	if st.cfg.Ask == nil && t.user == "" && !t.url {
		st.pending = &who // for scripts whose next line is not `user`
		return nil
	}
	if err := st.login(ctx, who); err != nil {
		return err
	}
	if t.path == "" {
		return nil
	}
	return st.changeDir(ctx, t.path)
}

func (st *State) dial(ctx context.Context, t target) error {
	c, trust, err := st.contact(ctx, t)
	if err != nil {
		return err
	}
	st.client, st.site, st.server = c, Site{Host: t.host, Port: t.port, Trust: trust}, &bulk.Server{}
	st.tell("connected to %s", t.host)
	return nil
}

// credentials are, in this order, what the line or the URL says, the password
// that was given beside (see givenPassword), what .netrc says, and what a
// person answers.
func (st *State) credentials(ctx context.Context, t target) (who client.Credentials, found bool, err error) {
	if t.user != "" && bool(t.has) {
		return client.Credentials{User: t.user, Pass: t.pass}, true, nil
	}
	known, inNetrc, err := st.netrcLogin(t.host, t.user)
	if err != nil {
		return who, false, err
	}
	if user := cmp.Or(t.user, known.User); user != "" && user != anonymous {
		pass, given, err := st.givenPassword(ctx, t.host, user)
		if given || err != nil {
			known.User, known.Pass = user, pass
			return known, given, err
		}
	}
	switch {
	case inNetrc:
		return known, true, nil
	case t.user == "" && t.url:
		return guest(anonymous), true, nil
	case t.user == "" && st.cfg.Ask == nil:
		return who, false, nil
	case t.user == "":
		if t.user, err = st.cfg.Ask.Line(ctx, "Name", st.userName()); err != nil {
			return who, false, err
		}
	}
	return st.withPassword(ctx, t.user)
}

// guest is a login that needs no password. RFC 1635 §3: a mail address is
// customary in its place.
func guest(name string) client.Credentials {
	return client.Credentials{User: name, Pass: "ferry@"}
}

// withPassword asks for the password of a user.
func (st *State) withPassword(ctx context.Context, user string) (client.Credentials, bool, error) {
	if user == anonymous || user == "ftp" {
		return guest(user), true, nil
	}
	if st.cfg.Ask == nil {
		return client.Credentials{}, false, &StateError{
			What: "no password for " + user,
			Hint: "a script doesn't ask: set FERRY_PASSWORD, password-file or password-command, or add the host to ~/.netrc",
			code: exitLogin,
		}
	}
	pass, err := st.cfg.Ask.Secret(ctx, fmt.Sprintf("Password for %s@%s", user, st.site.Host))
	return client.Credentials{User: user, Pass: pass}, err == nil, err
}

func (st *State) userName() string {
	for _, name := range []string{"USER", "USERNAME"} {
		if v, ok := st.env(name); ok && v != "" {
			return v
		}
	}
	return anonymous
}

// login logs in. A person is asked again until the server accepts; a script
// fails at once.
func (st *State) login(ctx context.Context, who client.Credentials) error {
	for try := 1; ; try++ {
		err := st.client.Login(ctx, who)
		var lost *client.LostError
		if try > 1 && errors.As(err, &lost) { // some servers hang up after a wrong password
			if err = st.redial(ctx); err == nil {
				err = st.client.Login(ctx, who)
			}
		}
		if err == nil {
			return st.loggedIn(ctx, who)
		}
		var refused *client.LoginError
		if !errors.As(err, &refused) || st.cfg.Ask == nil || try == maxLogins {
			return err
		}
		st.warn("%s", err)
		if who, err = st.askAgain(ctx, who, refused); err != nil {
			return err
		}
	}
}

func (st *State) askAgain(ctx context.Context, who client.Credentials, refused *client.LoginError) (client.Credentials, error) {
	var err error
	if errors.Is(refused, client.ErrNeedAccount) {
		who.Account, err = st.cfg.Ask.Secret(ctx, "Account")
		return who, err
	}
	if who.User, err = st.cfg.Ask.Line(ctx, "Name", who.User); err != nil {
		return who, err
	}
	who.Pass, err = st.cfg.Ask.Secret(ctx, fmt.Sprintf("Password for %s@%s", who.User, st.site.Host))
	return who, err
}

func (st *State) loggedIn(ctx context.Context, who client.Credentials) error {
	st.last.who, st.last.trail, st.pending = who, nil, nil
	st.site.User = who.User
	if who.User == "" {
		st.site.User = anonymous
	}
	st.tell("logged in as %s", st.site.User)
	if st.client.Encrypted() && !st.client.DataEncrypted() {
		st.warn("%s encrypts commands, but not files", st.site.Host)
	}
	if st.params == proto.Binary() {
		return nil // as every login leaves it
	}
	return st.client.SetParams(ctx, st.params)
}

// tell is say for what goes without saying where lines aren't echoed.
func (st *State) tell(format string, args ...any) {
	if st.Settings.Echo {
		st.say(format, args...)
	}
}

func (st *State) redial(ctx context.Context) error {
	t := st.last.to
	_ = st.disconnect(ctx)
	return st.dial(ctx, t)
}

// ready sees to what a verb needs.
func (st *State) ready(ctx context.Context, need Need) error {
	switch {
	case need == Nothing:
		return nil
	case st.client == nil && st.mends && st.last.to.host != "":
		return st.again(ctx, need)
	case st.client == nil && st.cfg.Ask != nil && st.last.who.User != "": // an attempt to come back has failed
		st.say("connecting to %s again", st.last.to.host)
		return reopen(ctx, st, Args{})
	case st.client == nil:
		return &StateError{What: "not connected", Hint: "open HOST connects", code: exitConnect}
	case st.client.Broken() && (st.mends || st.try > 0) && st.last.to.host != "":
		return st.again(ctx, need)
	case st.client.Broken() && st.cfg.Ask != nil && st.last.who.User != "":
		st.say("the connection to %s is gone; connecting again", st.site.Host)
		return reopen(ctx, st, Args{})
	case st.client.Broken():
		return &StateError{What: "the connection to " + st.site.Host + " is gone", Hint: "`reopen` connects again", code: exitConnect}
	case need == Connection || st.LoggedIn():
		return nil
	case st.pending != nil:
		return st.login(ctx, *st.pending)
	}
	return &StateError{
		What: "not logged in to " + st.site.Host,
		Hint: "user NAME PASSWORD logs in; so do open USER@HOST with FERRY_PASSWORD, and ~/.netrc",
		code: exitLogin,
	}
}

// again connects to where one was, and looks once more whether that will do.
func (st *State) again(ctx context.Context, need Need) error {
	if st.client == nil && st.job > 0 && st.resumeParked(ctx) {
		return st.ready(ctx, need)
	}
	pending := st.pending
	if err := reopen(ctx, st, Args{}); err != nil {
		return err
	}
	if st.last.who.User == "" {
		st.pending = pending
	}
	return st.ready(ctx, need)
}

// disconnect says QUIT where somebody listens, and forgets the connection.
func (st *State) disconnect(ctx context.Context) error {
	return st.part(ctx, func(ctx context.Context, c *client.Client) { _ = c.Quit(ctx) }) // what was to be done is done
}

// leave is disconnect for whoever has nothing left to do: the answer would cost a
// round trip.
func (st *State) leave(ctx context.Context) error {
	return st.part(ctx, func(ctx context.Context, c *client.Client) { c.Leave(ctx) })
}

func (st *State) part(ctx context.Context, goodbye func(context.Context, *client.Client)) error {
	c := st.client
	if c != nil && c.Quirks().NoTLS13 {
		_ = st.known.remember(st.last.to.site(), needsTLS2, st.now()) // else it is found out again
	}
	st.client, st.pending, st.server, st.site = nil, nil, nil, Site{}
	if c == nil {
		return nil
	}
	defer c.Close()
	if c.Broken() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	goodbye(ctx, c)
	return nil
}
