package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ferry/serve/live"
)

// Veto is the event that asks before an upload gets its name.
const Veto live.Kind = "upload-reject"

// Rule tells somebody of events.
type Rule struct {
	Kinds   []live.Kind
	Program []string // its words; or
	URL     string
}

// ParseRule reads EVENT[,EVENT…]=TARGET.
func ParseRule(text string) (kinds []live.Kind, target string, err error) {
	names, target, ok := strings.Cut(text, "=")
	if !ok || target == "" {
		return nil, "", fmt.Errorf("%q: want EVENT=…, or EVENT,EVENT=…", text)
	}
	for name := range strings.SplitSeq(names, ",") {
		k := live.Kind(name)
		if k != Veto && !slices.Contains(live.Kinds(), k) {
			return nil, "", fmt.Errorf("%q is no event; there are %s", name, Events())
		}
		kinds = append(kinds, k)
	}
	return kinds, target, nil
}

// Events are the names of all events.
func Events() string {
	var names []string
	for _, k := range append(live.Kinds(), Veto) {
		names = append(names, string(k))
	}
	return strings.Join(names, " ")
}

// ErrRejected is an upload that a program has turned away.
var ErrRejected = errors.New("rejected")

// Hooks are the rules of one server at work.
type Hooks struct {
	rules   []Rule
	run     Run
	tell    Tell   // nil: programs are told from here, by run
	queue   *queue // nil: no web server is told
	log     *slog.Logger
	waiting chan told
	vetoes  chan struct{}
	ctx     context.Context // of the programs that run; it ends some time behind Close
	cancel  context.CancelFunc
	work    sync.WaitGroup
	mu      sync.Mutex
	closed  bool
	full    bool         // somebody was told so already
	under   atomic.Int32 // what tell has, and has not run yet

	patience time.Duration // of a veto
}

// told is one event for one program.
type told struct {
	rule  int
	event live.Event
}

// New starts what the rules need. run runs programs, tell those that are only
// told (nil: run does); dir is where the queue of
// web servers is kept, and secret what signs.
func New(rules []Rule, run Run, tell Tell, dir string, secret []byte, log *slog.Logger) (*Hooks, error) {
	h := &Hooks{rules: rules, run: run, tell: tell, log: log, waiting: make(chan told, maxWaiting), vetoes: make(chan struct{}, programsAtOnce), patience: vetoTime}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	var urls []string
	for _, r := range rules {
		if r.URL != "" {
			urls = append(urls, r.URL)
		}
	}
	if len(urls) > 0 {
		q, err := openQueue(dir, urls, secret, log)
		if err != nil {
			return nil, err
		}
		h.queue = q
		h.work.Go(func() { q.deliver(h.ctx) })
	}
	for range programsAtOnce {
		h.work.Go(h.tellAll)
	}
	return h, nil
}

// Close waits a moment for what is under way. What web servers have not heard
// stays on disk, for the next start.
func (h *Hooks) Close(ctx context.Context) {
	h.mu.Lock()
	h.closed = true
	close(h.waiting)
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	if h.queue != nil {
		h.queue.rest(ctx)
	}
	h.leave(ctx)
	stop := context.AfterFunc(ctx, h.cancel)
	defer stop()
	if h.queue != nil {
		h.queue.stop()
	}
	h.work.Wait()
	h.cancel()
}

// Observe tells whoever wants to know. It waits for nobody; what web servers
// are to hear is on disk when it returns.
func (h *Hooks) Observe(e live.Event) {
	for i, r := range h.rules {
		switch {
		case !slices.Contains(r.Kinds, e.Kind):
		case r.URL != "":
			if err := h.queue.add(r.URL, e); err != nil {
				h.log.Error("webhook can't be queued, and is lost", "event", string(e.Kind), "path", e.Path, "err", err)
			}
		default:
			h.enqueue(told{i, e})
		}
	}
}

func (h *Hooks) enqueue(t told) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	if h.take(t) {
		h.full = false
		return
	}
	if !h.full {
		h.log.Error("hooks are too slow: events are dropped", "waiting", maxWaiting, "program", h.rules[t.rule].Program[0])
	}
	h.full = true
}

// take passes an event on, unless too many wait. The lock is held.
func (h *Hooks) take(t told) bool {
	if h.tell == nil {
		select {
		case h.waiting <- t:
			return true
		default:
			return false
		}
	}
	if h.under.Load() >= maxWaiting {
		return false
	}
	h.under.Add(1)
	err := h.tell(t.rule, words(t.event), body(t.event), func(status int, out string, err error) {
		h.under.Add(-1)
		h.report(t, status, out, err)
	})
	if err != nil {
		h.under.Add(-1)
		h.report(t, -1, "", err)
	}
	return true
}

// leave waits for what others run, which goes on when ctx has ended.
func (h *Hooks) leave(ctx context.Context) {
	for h.under.Load() > 0 {
		select {
		case <-time.After(firstPause / 20):
		case <-ctx.Done():
			h.log.Warn("hooks are run to their end behind that of the server", "waiting", h.under.Load())
			return
		}
	}
}

// tellAll runs programs, one after the other.
func (h *Hooks) tellAll() {
	for t := range h.waiting {
		ctx, cancel := context.WithTimeout(h.ctx, programTime)
		status, out, err := h.run(ctx, t.rule, words(t.event), body(t.event))
		cancel()
		h.report(t, status, out, err)
	}
}

// report says how a program that was told has failed, if it has.
func (h *Hooks) report(t told, status int, out string, err error) {
	if err != nil || status != 0 {
		h.log.Error("hook failed", "program", h.rules[t.rule].Program[0], "event", string(t.event.Kind), "path", t.event.Path, "status", status, "said", out, "err", err)
	}
}

// Vetoes reports whether anybody wants to see uploads first.
func (h *Hooks) Vetoes() bool {
	return slices.ContainsFunc(h.rules, func(r Rule) bool { return slices.Contains(r.Kinds, Veto) })
}

// Wants reports whether anybody is told of a kind of event.
func (h *Hooks) Wants(k live.Kind) bool {
	return slices.ContainsFunc(h.rules, func(r Rule) bool { return slices.Contains(r.Kinds, k) })
}

// Examine asks about an upload whose bytes are in file. ErrRejected is a veto;
// all other errors mean that nobody has said that it is good.
//
// SECURITY: fails closed: a program that can't be started, is killed, takes too
// long, or ends with a status that is neither yes nor no, takes nothing.
func (h *Hooks) Examine(ctx context.Context, e live.Event, file string) error {
	select {
	case h.vetoes <- struct{}{}:
		defer func() { <-h.vetoes }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	e.Kind = Veto
	given, ended := ctx, context.CancelFunc(nil)
	ctx, ended = context.WithTimeout(ctx, h.patience)
	defer ended()
	for i, r := range h.rules {
		if !slices.Contains(r.Kinds, Veto) {
			continue
		}
		status, out, err := h.run(ctx, i, append(words(e), file), arrival(e, file))
		switch {
		case given.Err() != nil:
			return context.Cause(given)
		case err != nil || status > 1:
			h.log.Error("upload refused, since nobody could look at it", "path", e.Path, "user", e.User, "program", r.Program[0], "status", status, "said", out, "err", err)
			return fmt.Errorf("%s: status %d: %w", r.Program[0], status, errors.Join(err, ctx.Err()))
		case status == 1:
			h.log.Warn("upload rejected", "path", e.Path, "user", e.User, "by", r.Program[0], "said", out)
			return ErrRejected
		}
	}
	return nil
}

// words are what a program gets behind its own.
//
// SECURITY: a path that strangers have chosen begins with a slash or is not
// there, so it is never read as an option.
func words(e live.Event) []string {
	w := []string{string(e.Kind)}
	for _, path := range []string{e.Path, e.To} {
		if strings.HasPrefix(path, "/") {
			w = append(w, path)
		}
	}
	return w
}

// body is an event as JSON. Bytes of names that are no UTF-8 are told apart from
// others by path_bytes, in base64.
func body(e live.Event) []byte { return arrival(e, "") }

func arrival(e live.Event, file string) []byte {
	text, err := json.Marshal(struct {
		live.Event
		PathBytes []byte `json:"path_bytes,omitempty"`
		File      string `json:"file,omitempty"` // on this machine, of a Veto
	}{e, []byte(e.Path), file})
	if err != nil { // there is nothing in it that has no JSON
		return []byte("{}")
	}
	return append(text, '\n')
}
