package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"ferry/serve/live"
)

// route is one row of the interface. GET rows look, POST rows act.
type route struct {
	method, path string
	help         string // what it answers or does
	body         string // what POST takes, as an example; "": nothing
	answer       func(*Admin, *http.Request) (any, error)
	stream       func(*Admin, http.ResponseWriter, *http.Request) // in place of answer
}

// routes are the whole interface: ctl, the page and its documentation are made
// of them.
func routes() []route {
	return []route{
		{method: "GET", path: "/v1/about", help: "the server: name, process, directory, addresses", answer: (*Admin).about},
		{method: "GET", path: "/v1/sessions", help: "who is connected, and what they do", answer: (*Admin).sessions},
		{method: "GET", path: "/v1/stats", help: "counts since the start, and as they are now", answer: (*Admin).stats},
		{method: "GET", path: "/v1/history", help: "throughput of the last hour", answer: (*Admin).past},
		{method: "GET", path: "/v1/events", help: "events; ?follow=1 goes on as they come; ?event=&user=&addr=&session=&failed=1&last=N&after=SEQ choose", stream: (*Admin).events},
		{method: "GET", path: "/v1/live", help: "sessions and stats as they change (server-sent events)", stream: (*Admin).lookOn},
		{method: "POST", path: "/v1/kick", help: "end sessions", body: `{"who": "ID, USER or ADDRESS", "reason": "…"}`, answer: (*Admin).kick},
		{method: "GET", path: "/v1/bans", help: "who is not let in", answer: (*Admin).bans},
		{method: "POST", path: "/v1/ban", help: "let nobody in from an address or network, or a user from nowhere", body: `{"who": "USER or ADDRESS", "for": "1h"}`, answer: (*Admin).ban},
		{method: "POST", path: "/v1/unban", help: "let them in again", body: `{"who": "USER or ADDRESS"}`, answer: (*Admin).unban},
		{method: "GET", path: "/v1/limits", help: "limits that hold in place of the records'", answer: (*Admin).limits},
		{method: "POST", path: "/v1/limit", help: "bound a user's rates (bytes a second) and sessions; a user alone: as the record says", body: `{"user": "ann", "up": 1000000, "down": 0, "sessions": 2}`, answer: (*Admin).limit},
		{method: "GET", path: "/v1/users", help: "who may log in; hashes are not told", answer: (*Admin).users},
		{method: "POST", path: "/v1/users/add", help: "add a user", body: `{"name": "ann", "password": "…", "set": {"perm": "read-only"}}`, answer: (*Admin).addUser},
		{method: "POST", path: "/v1/users/change", help: "change what a user may", body: `{"name": "ann", "set": {"down": "2M"}, "disabled": false}`, answer: (*Admin).changeUser},
		{method: "POST", path: "/v1/users/passwd", help: "give a user a new password", body: `{"name": "ann", "password": "…"}`, answer: (*Admin).passwd},
		{method: "POST", path: "/v1/users/remove", help: "remove a user", body: `{"name": "ann"}`, answer: (*Admin).removeUser},
		{method: "POST", path: "/v1/users/edited", help: "tell, for the log and the journal, of an edit of the file that was made beside the server", body: `{"act": "add, change, passwd or remove", "name": "ann"}`, answer: (*Admin).edited},
		{method: "POST", path: "/v1/drain", help: "let nobody in any more; transfers finish, until the time is over", body: `{"text": "Back at noon.", "for": "10m"}`, answer: (*Admin).drain},
		{method: "POST", path: "/v1/resume", help: "let them in again", answer: (*Admin).resume},
		{method: "POST", path: "/v1/reload", help: "read settings, users and certificates again", answer: (*Admin).reload},
		{method: "POST", path: "/v1/stop", help: "end the server; transfers finish", answer: (*Admin).stop},
		{method: "GET", path: "/metrics", help: "metrics for Prometheus", stream: (*Admin).metrics},
	}
}

// Describe is the table as text.
func Describe() string {
	var b strings.Builder
	for _, r := range routes() {
		fmt.Fprintf(&b, "%-4s %-18s %s\n", r.method, r.path, r.help)
		if r.body != "" {
			fmt.Fprintf(&b, "%24s%s\n", "", r.body)
		}
	}
	return b.String()
}

// Handler answers whoever gets through to it: it asks nobody who they are.
func (a *Admin) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, Describe())
	})
	for _, r := range routes() {
		mux.HandleFunc(r.method+" "+r.path, func(w http.ResponseWriter, req *http.Request) {
			if r.stream != nil {
				r.stream(a, w, req)
				return
			}
			req.Body = http.MaxBytesReader(w, req.Body, maxBody)
			v, err := r.answer(a, req)
			reply(w, v, err)
		})
	}
	return mux
}

// Fault is an error as the interface tells it.
type Fault struct {
	Text   string `json:"error"`
	Status int    `json:"-"`
}

func (f *Fault) Error() string { return f.Text }

func wrong(format string, args ...any) error {
	return &Fault{fmt.Sprintf(format, args...), http.StatusBadRequest}
}

func reply(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		f := &Fault{err.Error(), http.StatusBadRequest}
		errors.As(err, &f)
		w.WriteHeader(f.Status)
		v = f
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(true) // SECURITY: what strangers wrote stays text, should a browser take it for a page
	_ = enc.Encode(v)
}

// body reads what POST has sent. Unknown fields are errors: nothing is accepted
// that is not obeyed.
func body[T any](r *http.Request) (v T, err error) {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return v, wrong("the request's body: %v", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return v, wrong("the request's body: there is more behind it")
	}
	return v, nil
}

func (a *Admin) about(*http.Request) (any, error)    { return a.cfg.About, nil }
func (a *Admin) sessions(*http.Request) (any, error) { return a.cfg.Server.Sessions(), nil }
func (a *Admin) stats(*http.Request) (any, error)    { return a.cfg.Server.Stats(), nil }
func (a *Admin) past(*http.Request) (any, error)     { return a.history.list(), nil }
func (a *Admin) bans(*http.Request) (any, error)     { return a.cfg.Server.Bans(), nil }
func (a *Admin) limits(*http.Request) (any, error)   { return a.cfg.Server.Limits(), nil }

func (a *Admin) metrics(w http.ResponseWriter, r *http.Request) {
	if a.cfg.Metrics == nil {
		reply(w, nil, &Fault{"there are no metrics", http.StatusNotFound})
		return
	}
	a.cfg.Metrics.ServeHTTP(w, r)
}

// told reports an act to the log and to whoever hears events.
func (a *Admin) told(r *http.Request, act, about string) {
	by := peerOf(r.Context())
	a.cfg.Log.Info("administrator", "by", by, "act", act, "about", about)
	a.cfg.Tell(live.Event{Kind: live.Acted, Time: now(), User: by, Verb: act, Path: about, Outcome: live.Done})
}

// kindNamed finds a kind of events.
func kindNamed(word string) (live.Kind, error) {
	if k := live.Kind(word); slices.Contains(live.Kinds(), k) {
		return k, nil
	}
	return "", wrong("%q is no kind of event", word)
}
