package admin

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"net/http"
	"strconv"
	"time"

	"ferry/serve/live"
)

// filter chooses events. Fields that are zero choose all.
type filter struct {
	kind    live.Kind
	user    string
	who     who // by address
	session uint64
	failed  bool
	last    int    // of those in the past; -1: all
	after   uint64 // only events behind this one; 0: all
}

func filterOf(r *http.Request) (f filter, err error) {
	q := r.URL.Query()
	f.user, f.failed, f.last = q.Get("user"), q.Get("failed") != "", -1
	if word := q.Get("event"); word != "" {
		if f.kind, err = kindNamed(word); err != nil {
			return f, err
		}
	}
	if word := q.Get("addr"); word != "" {
		if f.who, err = whoAddr(word); err != nil {
			return f, err
		}
	}
	if word := q.Get("session"); word != "" {
		if f.session, err = strconv.ParseUint(word, 10, 64); err != nil {
			return f, wrong("%q is no number of a session", word)
		}
	}
	if word := q.Get("last"); word != "" {
		if f.last, err = strconv.Atoi(word); err != nil || f.last < 0 {
			return f, wrong("%q is no number of events", word)
		}
	}
	if word := q.Get("after"); word != "" {
		if f.after, err = strconv.ParseUint(word, 10, 64); err != nil {
			return f, wrong("%q is no number of an event", word)
		}
	}
	return f, nil
}

func (f filter) passes(e live.Event) bool {
	return (f.kind == "" || f.kind == e.Kind) && (f.user == "" || f.user == e.User) &&
		(f.session == 0 || f.session == e.Session) && (!f.failed || e.Failed()) &&
		(!f.who.addr.IsValid() || f.who.addr.Contains(e.Peer.Addr().WithZone("")))
}

func (f filter) choose(all []heard) (chosen []heard) {
	for _, e := range all {
		if e.Seq > f.after && f.passes(e.Event) {
			chosen = append(chosen, e)
		}
	}
	if f.last >= 0 && len(chosen) > f.last {
		chosen = chosen[len(chosen)-f.last:]
	}
	return chosen
}

// forgotten is how many of those behind after are kept no more.
func (f filter) forgotten(past []heard) int {
	if f.after == 0 || len(past) == 0 {
		return 0
	}
	return int(max(past[0].Seq, f.after+1) - f.after - 1)
}

// stream writes values to one who goes on reading: JSON lines, or server-sent
// events to those who ask for them.
type stream struct {
	w    http.ResponseWriter
	to   *http.ResponseController
	sent bool // as server-sent events
}

func newStream(w http.ResponseWriter, r *http.Request) *stream {
	s := &stream{w: w, to: http.NewResponseController(w), sent: r.Header.Get("Accept") == "text/event-stream"}
	kind := "application/x-ndjson"
	if s.sent {
		kind = "text/event-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	_ = s.to.SetReadDeadline(time.Time{})
	w.WriteHeader(http.StatusOK)
	return s
}

// put writes one value. name is its kind among server-sent events. What does not
// fit into the buffer is sent at once: the time that flush gave is long over.
func (s *stream) put(name string, v any) error {
	_ = s.to.SetWriteDeadline(time.Now().Add(requestTime))
	b, err := json.Marshal(v)
	if err == nil && s.sent {
		_, err = fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", name, b)
	} else if err == nil {
		_, err = s.w.Write(append(b, '\n'))
	}
	return err
}

// flush gives up on readers that don't read.
func (s *stream) flush() error {
	_ = s.to.SetWriteDeadline(time.Now().Add(requestTime))
	return s.to.Flush()
}

// heardBefore is the header by which one who listens learns how many events there
// were before: behind that one all will be told.
const heardBefore = "Ferry-Heard"

// Lost tells one who listens that events were left out.
type Lost struct {
	Lost int `json:"lost"`
}

func (a *Admin) events(w http.ResponseWriter, r *http.Request) {
	f, err := filterOf(r)
	if err != nil {
		reply(w, nil, err)
		return
	}
	if pid := r.URL.Query().Get("process"); pid != "" && pid != strconv.Itoa(a.cfg.About.PID) {
		reply(w, nil, &Fault{"another process has taken over", http.StatusMisdirectedRequest})
		return
	}
	past, l := a.cfg.Hub.listen()
	if l == nil {
		reply(w, nil, &Fault{"too many listen already", http.StatusServiceUnavailable})
		return
	}
	defer a.cfg.Hub.leave(l)
	w.Header().Set(heardBefore, strconv.FormatUint(l.before, 10))
	s := newStream(w, r)
	if n := f.forgotten(past); n > 0 && s.put("lost", Lost{n}) != nil {
		return
	}
	for _, e := range f.choose(past) {
		if s.put("event", e) != nil {
			return
		}
	}
	if s.flush() != nil || r.URL.Query().Get("follow") == "" {
		return
	}
	for over := false; !over; {
		select {
		case <-r.Context().Done():
			over = true // what waits is told: it may be the end of everything
		case e := <-l.events:
			if f.passes(e.Event) && s.put("event", e) != nil {
				return
			}
		}
		if a.waiting(s, l, f) != nil {
			return
		}
	}
}

// waiting writes all that waits.
func (a *Admin) waiting(s *stream, l *listener, f filter) error {
	for more := true; more; {
		select {
		case e := <-l.events:
			if f.passes(e.Event) {
				if err := s.put("event", e); err != nil {
					return err
				}
			}
		default:
			more = false
		}
	}
	if n := a.cfg.Hub.missed(l); n > 0 {
		if err := s.put("lost", Lost{n}); err != nil {
			return err
		}
	}
	return s.flush()
}

// Change is what is new about the sessions since the one before.
type Change struct {
	Stats   live.Stats     `json:"stats"`
	Changed []live.Session `json:"changed,omitempty"`
	Gone    []uint64       `json:"gone,omitempty"`
}

// lookOn shows the sessions, and then what changes: thousands that are idle
// cost nothing.
func (a *Admin) lookOn(w http.ResponseWriter, r *http.Request) {
	leave := a.looksOn()
	if leave == nil {
		reply(w, nil, &Fault{"too many look on already", http.StatusServiceUnavailable})
		return
	}
	defer leave()
	s := newStream(w, r)
	seen := &seen{seed: maphash.MakeSeed(), marks: map[uint64]uint64{}}
	tick := time.NewTicker(livePause)
	defer tick.Stop()
	for beat := 0; ; beat++ {
		c := seen.change(a.cfg.Server.Sessions())
		c.Stats = a.cfg.Server.Stats()
		if beat%10 == 0 || len(c.Changed)+len(c.Gone) > 0 {
			if s.put("live", c) != nil || s.flush() != nil {
				return
			}
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

// seen is what one who looks on has been shown.
type seen struct {
	seed  maphash.Seed
	marks map[uint64]uint64 // by session
}

func (v *seen) change(all []live.Session) (c Change) {
	here := make(map[uint64]uint64, len(all))
	for _, s := range all {
		mark := v.mark(s)
		here[s.ID] = mark
		if old, ok := v.marks[s.ID]; !ok || old != mark {
			c.Changed = append(c.Changed, s)
		}
	}
	for id := range v.marks {
		if _, ok := here[id]; !ok {
			c.Gone = append(c.Gone, id)
		}
	}
	v.marks = here
	return c
}

func (v *seen) mark(s live.Session) uint64 {
	var h maphash.Hash
	h.SetSeed(v.seed)
	fmt.Fprint(&h, s.User, "\x00", s.TLS, "\x00", s.Place, "\x00", s.Command, s.Last.UnixNano(), " ", s.In, " ", s.Out, s.Draining)
	if t := s.Transfer; t != nil {
		fmt.Fprint(&h, "\x00", t.Verb, t.Path, t.Bytes, " ", t.Rate)
	}
	return h.Sum64()
}
