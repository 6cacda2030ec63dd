package admin

import (
	"net/http"
	"time"

	"ferry/serve/live"
)

func now() time.Time { return time.Now() }

// Count is how many sessions, or bans, an act was about.
type Count struct {
	Count int `json:"count"`
}

func (a *Admin) kick(r *http.Request) (any, error) {
	q, err := body[struct{ Who, Reason string }](r)
	if err != nil {
		return nil, err
	}
	w, err := parseWho(q.Who)
	if err != nil {
		return nil, err
	}
	n, err := a.cfg.Server.Kick(w.match, q.Reason)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, &Fault{"nobody is here who is " + w.String(), http.StatusNotFound}
	}
	a.told(r, "kick", w.String())
	return Count{n}, nil
}

func (a *Admin) ban(r *http.Request) (any, error) {
	q, err := body[struct{ Who, For string }](r)
	if err != nil {
		return nil, err
	}
	d, err := duration(q.For)
	if err != nil {
		return nil, err
	}
	w, err := parseWho(q.Who)
	if err != nil {
		return nil, err
	}
	b, err := w.ban(d)
	if err != nil {
		return nil, err
	}
	n, err := a.cfg.Server.Ban(b)
	if err != nil {
		return nil, err
	}
	a.told(r, "ban", w.String())
	return Count{n}, nil
}

func (a *Admin) unban(r *http.Request) (any, error) {
	q, err := body[struct{ Who string }](r)
	if err != nil {
		return nil, err
	}
	w, err := parseWho(q.Who)
	if err != nil {
		return nil, err
	}
	b, err := w.ban(0)
	if err != nil {
		return nil, err
	}
	n := a.cfg.Server.Unban(b)
	if n == 0 {
		return nil, &Fault{w.String() + " is not banned", http.StatusNotFound}
	}
	a.told(r, "unban", w.String())
	return Count{n}, nil
}

func (a *Admin) limit(r *http.Request) (any, error) {
	l, err := body[live.Limit](r)
	if err != nil {
		return nil, err
	}
	if err := a.cfg.Server.Limit(l); err != nil {
		return nil, err
	}
	a.told(r, "limit", l.User)
	return l, nil
}

func (a *Admin) drain(r *http.Request) (any, error) {
	q, err := body[struct{ Text, For string }](r)
	if err != nil {
		return nil, err
	}
	d, err := duration(q.For)
	if err != nil {
		return nil, err
	}
	if err := a.cfg.Server.Drain(q.Text, d); err != nil {
		return nil, err
	}
	a.told(r, "drain", q.Text)
	return a.cfg.Server.Stats(), nil
}

func (a *Admin) resume(r *http.Request) (any, error) {
	a.cfg.Server.Resume()
	a.told(r, "resume", "")
	return a.cfg.Server.Stats(), nil
}

func (a *Admin) reload(r *http.Request) (any, error) {
	if a.cfg.Reload == nil {
		return nil, &Fault{"this server has nothing to read again", http.StatusNotImplemented}
	}
	if err := a.cfg.Reload(); err != nil {
		return nil, err
	}
	a.told(r, "reload", "")
	return a.cfg.Server.Stats(), nil
}

// stop answers before the end, which the answer's connection does not survive.
func (a *Admin) stop(r *http.Request) (any, error) {
	if a.cfg.Stop == nil {
		return nil, &Fault{"this server can't be stopped from here", http.StatusNotImplemented}
	}
	a.told(r, "stop", "")
	time.AfterFunc(livePause, a.cfg.Stop)
	return a.cfg.Server.Stats(), nil
}

// duration reads "10m"; "" is none.
func duration(word string) (time.Duration, error) {
	if word == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(word)
	if err != nil || d < 0 {
		return 0, wrong("%q is no time, as 90s, 10m or 2h are", word)
	}
	return d, nil
}
