package script

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// fork makes the session of a job: a copy of what this one knows, wants and
// has set, with a connection of its own that is made when a verb needs it. What
// either of them changes from here on is its own. Nobody is asked in it.
func (st *State) fork(id int) *State {
	cfg := st.cfg
	cfg.Ask, cfg.Show, cfg.Width, cfg.Ink, cfg.Program, cfg.In = nil, nil, nil, nil, nil, nil
	cfg.Events = st.Jobs.events(id, st.cfg.Events)
	out, err := &lineWriter{to: st.Out}, &lineWriter{to: st.Err, prefix: fmt.Sprintf("[%d] ", id)}
	if st.job > 0 { // a job of a job: its lines have a number already
		err = &lineWriter{to: st.Jobs.err, prefix: err.prefix}
	}
	cfg.Out, cfg.Err = out, err
	who, settings := st.last.who, st.Settings
	settings.Debug = settings.Debug && !st.Jobs.shell // see follow
	if st.pending != nil && who.User == "" {
		who = *st.pending // a script that names nobody is a guest, and so are its jobs
	}
	return &State{
		cfg: cfg, table: st.table, Jobs: st.Jobs, Out: out, Err: err, total: st.total,
		last:  session{to: st.last.to, who: who, trail: slices.Clone(st.last.trail)},
		known: st.known.copy(), dir: st.dir, Settings: settings, usual: st.usual,
		vars: maps.Clone(st.vars), macros: maps.Clone(st.macros), routines: maps.Clone(st.routines),
		log: st.log, plan: st.plan, away: st.away, day: st.day,
		ending: st.ending, mends: true, depth: st.depth, path: slices.Clone(st.path), job: id,
		here: st.here, temp: st.temp, params: st.params, status: st.status, message: st.message,
	}
}

// dismiss ends a job's session. One that is as it was made is kept for the
// next job that wants such a one.
func (st *State) dismiss(ctx context.Context, inherited string) {
	_ = st.Out.(*lineWriter).end()
	_ = st.Err.(*lineWriter).end()
	if st.temp != inherited {
		_ = os.RemoveAll(st.temp)
	}
	if c := st.client; c != nil && st.LoggedIn() && !c.Broken() && st.params == proto.Binary() && c.Params() == proto.Binary() && ctx.Err() == nil {
		st.Jobs.park(parked{client: c, site: st.site, server: st.server, last: st.last, how: st.manner(), at: st.now()})
		st.client = nil
		return
	}
	_ = st.disconnect(ctx)
}

// resumeParked takes over the session of a job that has ended, where it stands
// in the directory that is wanted, or can be led there.
func (st *State) resumeParked(ctx context.Context) bool {
	p, ok := st.Jobs.unpark(st.last, st.manner(), st.now())
	if !ok {
		return false
	}
	if !slices.Equal(p.last.trail, st.last.trail) {
		for _, dir := range st.last.trail {
			if p.client.ChangeDir(ctx, dir) != nil {
				p.client.Close()
				return false
			}
		}
	}
	st.client, st.site, st.server, st.pending = p.client, p.site, p.server, nil
	st.site.Dir = ""
	if st.params != proto.Binary() {
		return st.client.SetParams(ctx, st.params) == nil
	}
	return true
}

func (k *known) copy() *known {
	c := &known{path: k.path, sites: map[string]*knownSite{}}
	for name, s := range k.sites {
		site := *s
		site.pins = slices.Clone(s.pins)
		c.sites[name] = &site
	}
	return c
}

// lineWriter hands over whole lines, so that those of several jobs don't mix.
type lineWriter struct {
	to     io.Writer
	prefix string
	mu     sync.Mutex
	rest   []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, p...)
	n := bytes.LastIndexByte(w.rest, '\n') + 1
	if len(w.rest) > MaxLine {
		n = len(w.rest)
	}
	err := w.hand(w.rest[:n])
	w.rest = append(w.rest[:0], w.rest[n:]...)
	return len(p), err
}

func (w *lineWriter) hand(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	if w.prefix != "" {
		var b bytes.Buffer
		for line := range bytes.Lines(text) {
			b.WriteString(w.prefix)
			b.Write(line)
		}
		text = b.Bytes()
	}
	_, err := w.to.Write(text)
	return err
}

// end hands over what has no line end.
func (w *lineWriter) end() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.hand(w.rest)
	w.rest = nil
	return err
}

// parked is the session of a job that has ended.
type parked struct {
	client *client.Client
	site   Site
	server *bulk.Server
	last   session
	how    manner
	at     time.Time
}

// manner is what of the settings a connection was made by.
//
// SECURITY: a session that is less trusted or less encrypted than is wanted by
// now is not taken over.
type manner struct {
	tls                TLSUse
	pin, ca, cert, key string
	route              Route
	data               client.Method
}

func (st *State) manner() manner {
	s := st.Settings
	return manner{s.TLS, s.Pin, s.CA, s.Cert, s.Key, s.Route, st.cfg.Client.Data}
}
