package script

import (
	"strings"
	"sync"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// sessions gives the connections of a run their numbers, and knows which of
// them live, and what they wait for.
type sessions struct {
	mu   sync.Mutex
	last int
	live map[int]*connection
}

// connection is one that is being made, or that stands.
type connection struct {
	host    string
	job     int
	client  *client.Client // nil: it is being made
	asked   bool           // the server owes an answer
	carries bool           // to a command whose file may take its time
	at      time.Time      // of the last line
}

func (c *connection) gone() bool { return c.client != nil && c.client.Broken() }

// begin gives a connection its number.
func (s *sessions) begin(host string, job int, now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live == nil {
		s.live = map[int]*connection{}
	}
	s.last++
	s.live[s.last] = &connection{host: host, job: job, asked: true, at: now}
	return s.last
}

// made notes what became of an attempt to connect; c is nil when it failed.
func (s *sessions) made(session int, c *client.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c == nil {
		delete(s.live, session)
		return
	}
	s.live[session].client, s.live[session].asked = c, false
}

// heard notes what a line says about waiting. A mark (1xx) answers only what
// carries a file, whose bytes are the news.
func (s *sessions) heard(w Said, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.live[w.Session]
	if c == nil {
		return
	}
	c.at = now
	if w.From == proto.FromServer {
		c.asked = strings.HasPrefix(w.Text, "1") && !c.carries
		return
	}
	c.asked = true
	switch verb, _, _ := strings.Cut(w.Text, " "); verb {
	case "RETR", "STOR", "STOU", "APPE":
		c.carries = true
	default:
		c.carries = false
	}
}

// beside reports whether there are other connections than one.
func (s *sessions) beside(session int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for other, c := range s.live {
		switch {
		case other == session:
		case c.gone():
			delete(s.live, other)
		default:
			return true
		}
	}
	return false
}

// Silence is for how long the foreground has waited for an answer, and whose;
// 0 when it does not wait.
func (js *Jobs) Silence(now time.Time) (host string, since time.Duration) {
	s := &js.sessions
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.live {
		if d := now.Sub(c.at); c.job == 0 && c.asked && d > since && !c.gone() {
			host, since = c.host, d
		}
	}
	return host, since
}

// Drop ends all connections of the foreground without a word, those that help
// with a transfer included.
func (js *Jobs) Drop() {
	s := &js.sessions
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.live {
		if c.job == 0 && c.client != nil {
			_ = c.client.Close()
		}
	}
}

// traced makes a connection whose dialogue is told apart from that of others.
func (st *State) traced(host string, cfg client.Config, dial func(client.Config) (*client.Client, error)) (*client.Client, error) {
	session := st.Jobs.sessions.begin(host, st.job, time.Now())
	cfg.Trace = func(from proto.Direction, text string) {
		st.trace(Said{Session: session, Job: st.job, From: from, Text: text})
	}
	c, err := dial(cfg)
	st.Jobs.sessions.made(session, c)
	return c, err
}
