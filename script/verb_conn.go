package script

import (
	"context"
	"fmt"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bookmark"
)

func open(ctx context.Context, st *State, a Args) error {
	t, err := st.place(a.Text(0))
	if err != nil {
		return err
	}
	port := a.Value("-p")
	if a.Len() > 1 {
		port = a.Text(1)
	}
	if port != "" {
		if err := t.setPort(port); err != nil {
			return st.noPort(a, err)
		}
	}
	if login := a.Value("-u"); login != "" {
		user, pass, has := strings.Cut(login, ",")
		t.user, t.pass, t.has = user, proto.Secret(pass), secretGiven(has)
	}
	return st.connect(ctx, t)
}

// noPort knows a port that is none: it may be the rest of a bookmark's name.
func (st *State) noPort(a Args, err error) error {
	all, _ := st.readBookmarks()
	if b, ok := bookmark.Find(all, strings.Join(texts(a.Words), " ")); ok {
		return &CallError{What: "the port is no number from 1 to 65535", Hint: "did you mean `open " + b.Name + "`?"}
	}
	return err
}

// user takes the raw rest of its line: passwords hold all kinds of letters.
func user(ctx context.Context, st *State, a Args) error {
	rest, err := st.expandRest(a.Rest)
	if err != nil {
		return err
	}
	if a.Len() > 0 { // they came as answers, and are literal
		rest = texts(a.Words)
	}
	if len(rest) == 0 {
		return &CallError{Verb: a.Verb, What: "needs NAME"}
	}
	if len(rest) > 3 {
		return &CallError{Verb: a.Verb, What: "name, password and account are three words", Hint: `a password with blanks goes in quotes: user NAME "PASS WORD"`}
	}
	if st.LoggedIn() {
		// Most servers refuse USER after a login; a new session asks nobody.
		if err := st.redial(ctx); err != nil {
			return err
		}
	}
	var who client.Credentials
	if len(rest) > 1 {
		who = client.Credentials{User: rest[0], Pass: proto.Secret(rest[1])}
	} else if who, _, err = st.credentials(ctx, target{host: st.site.Host, user: rest[0]}); err != nil {
		return err
	}
	if len(rest) > 2 {
		who.Account = proto.Secret(rest[2])
	}
	return st.login(ctx, who)
}

// reopen connects to where one was: host, user, directory.
func reopen(ctx context.Context, st *State, _ Args) error {
	if st.last.to.host == "" {
		return &StateError{What: "there was no connection", Hint: "open HOST connects", code: exitConnect}
	}
	who, trail := st.last.who, st.last.trail
	if err := st.redial(ctx); err != nil {
		return err
	}
	if who.User == "" {
		return nil
	}
	if err := st.login(ctx, who); err != nil {
		return err
	}
	for _, dir := range trail {
		if err := st.changeDir(ctx, dir); err != nil {
			return err
		}
	}
	return nil
}

func account(ctx context.Context, st *State, a Args) error {
	rest, err := st.expandRest(a.Rest)
	if err != nil {
		return err
	}
	if len(rest) == 1 {
		return st.client.Account(ctx, proto.Secret(rest[0]))
	}
	if st.cfg.Ask == nil {
		return &CallError{Verb: a.Verb, What: "needs ACCOUNT"}
	}
	acct, err := st.cfg.Ask.Secret(ctx, "Account")
	if err != nil {
		return err
	}
	return st.client.Account(ctx, acct)
}

func closeConnection(ctx context.Context, st *State, _ Args) error {
	st.last = session{}
	return st.disconnect(ctx)
}

func quit(ctx context.Context, st *State, a Args) error {
	if n := st.Jobs.Active(); n > 0 && st.cfg.Ask != nil {
		answer, err := st.cfg.Ask.Choose(ctx, fmt.Sprintf("jobs that are not done: %d; end them?", n), No, Yes)
		if err != nil || answer != Yes {
			return err
		}
	}
	code := 0
	if a.Len() > 0 {
		n, err := parseNumber(a.Text(0), 255)
		if err != nil {
			return err
		}
		code = int(n)
	}
	return &Exit{Code: code}
}
