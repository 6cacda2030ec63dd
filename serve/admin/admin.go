package admin

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"ferry/serve/live"
	"ferry/serve/users"
)

// Server is what is steered. *serve.Server is one.
type Server interface {
	Sessions() []live.Session
	Stats() live.Stats
	Kick(match func(live.Session) bool, reason string) (int, error)
	Ban(live.Ban) (ended int, err error)
	Unban(live.Ban) int
	Bans() []live.Ban
	Limit(live.Limit) error
	Limits() []live.Limit
	Drain(text string, patience time.Duration) error
	Resume()
}

// Config is what Admin works with.
type Config struct {
	Server Server
	Hub    *Hub             // hears the server's events
	Tell   func(live.Event) // is told of acts, as Server's observer is of events; nil: the Hub is

	Users     string                // the users file; "": there is none
	Records   func() []users.Record // those that the server knows; nil: it doesn't say
	EditUsers EditUsers             // may be done by the server itself
	Apply     func(map[string]string, *users.Record) error

	Reload  func() error // nil: there is nothing to be read again
	Stop    func()       // nil: it can't be stopped from here
	Metrics http.Handler // nil: there are none
	Log     *slog.Logger // nil: nothing is logged
	About   About
}

// EditUsers says whether the interface itself changes the users file.
//
// SECURITY: a server that is confined can't write it, and should not be able to:
// ctl, which its administrator runs, changes the file with its own rights. The
// page needs it.
type EditUsers int

const (
	ByOthers EditUsers = iota
	ByServer
)

// About is what a server says of itself.
type About struct {
	Name    string   `json:"name"` // that of its socket
	PID     int      `json:"pid"`
	Dir     string   `json:"dir"`
	Listen  []string `json:"listen"`
	Version string   `json:"version"`
	Users   string   `json:"users_file,omitempty"`

	Replaced bool `json:"replaced,omitempty"` // it serves the sessions that it has left
}

// Admin answers an administrator.
type Admin struct {
	cfg     Config
	history *history
	lookers atomic.Int32
}

// New prepares the answers. Run keeps the history until ctx ends.
func New(cfg Config) *Admin {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Tell == nil {
		cfg.Tell = cfg.Hub.Observe
	}
	return &Admin{cfg: cfg, history: newHistory()}
}

// Run takes samples for the history until ctx ends.
func (a *Admin) Run(ctx context.Context) {
	tick := time.NewTicker(samplePause)
	defer tick.Stop()
	a.history.take(a.cfg.Server.Stats(), time.Now())
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			a.history.take(a.cfg.Server.Stats(), now)
		}
	}
}

// Serve answers on a listener of Listen until ctx ends.
func (a *Admin) Serve(ctx context.Context, ln *Listener) error {
	return serveHTTP(ctx, ln, ln.Guarded(a.Handler()))
}

// ServeMetrics shows metrics to whoever can reach a listener, and nothing else.
func ServeMetrics(ctx context.Context, ln net.Listener, metrics http.Handler) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	return serveHTTP(ctx, ln, mux)
}

// serveHTTP answers until ctx ends. Requests that stream end with it; it returns
// when whoever had connected by then has been answered: the process may be about
// to end, and nobody is to notice that another one has its place.
func serveHTTP(ctx context.Context, ln net.Listener, h http.Handler) error {
	here := newCrowd()
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: requestTime,
		ReadTimeout:       requestTime,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnContext:       withPeer,
		ConnState:         here.changed,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	err := srv.Serve(ln)
	if stop() {
		return err
	}
	select { // Shutdown would hang up on who asks now
	case <-here.quiet():
	case <-time.After(askTime):
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTime)
	defer cancel()
	if srv.Shutdown(patience) != nil {
		srv.Close()
	}
	return nil
}
