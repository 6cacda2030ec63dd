package bulk

import (
	"context"
	"sync"

	"ferry/proto/client"
)

// Server is what was learned of one server: whether a rename replaces, what it
// can't do, how many sessions it allows. The zero value knows nothing. All
// sessions of a run share it.
type Server struct {
	mu      sync.Mutex
	probing chan struct{} // holds one while a session finds out what the others will want to know; nil: never yet
	renames renaming
	moves   bool // a rename that it said to have done was done
	noTimes bool
	noAllo  bool
	keeps   oddity // odd names that it keeps
	turned  oddity // odd names that become others
	most    int    // sessions that it allowed, 0 not known
	whole   bool   // files don't come in segments: it can't begin where it is told
	inOne   bool   // files don't go up in segments: it won't have them so
	sum     summing
	quirks  client.Quirks
}

// turn waits until no other session is finding something out, and is told by
// over when this one has. A wait ends with ctx: what another session is told by
// its server may take as long as a time limit.
func (s *Server) turn(ctx context.Context) (over func(), err error) {
	s.mu.Lock()
	if s.probing == nil {
		s.probing = make(chan struct{}, 1)
	}
	probing := s.probing
	s.mu.Unlock()
	select {
	case probing <- struct{}{}:
		return func() { <-probing }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// share adds what a session has learned to what is known, and the other way.
func (s *Server) share(c *client.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = c.Inherit(s.quirks)
}

type renaming byte

const (
	renamesUnknown renaming = iota
	renamesOver             // RNTO replaces what is there
	renamesNot              // it is refused, or answered and not done
)

func (s *Server) renaming() renaming {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renames
}

// learn notes how the server renames, and reports whether that is news.
func (s *Server) learn(r renaming) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	news := s.renames != r
	s.renames = r
	return news
}

// renamesTo reports whether the server's word for a rename is good: onto a name
// that exists, or onto a new one.
func (s *Server) renamesTo(exists bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renames == renamesOver || s.moves && !exists
}

func (s *Server) learnMoves() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moves = true
}

func (s *Server) hasNoTimes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.noTimes
}

func (s *Server) learnNoTimes() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noTimes = true
}

func (s *Server) ignoresAllo() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.noAllo
}

func (s *Server) learnNoAllo() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noAllo = true
}

func (s *Server) sendsWhole() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.whole
}

func (s *Server) learnWhole() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole = true
}

func (s *Server) takesWhole() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inOne
}

func (s *Server) learnTakesWhole() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inOne = true
}

func (s *Server) sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// allow notes how many sessions the server allows.
func (s *Server) allow(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.most == 0 || n < s.most {
		s.most = n
	}
}

// mayHaveLeft reports whether it pays to ask for what an earlier try left.
func (s *Server) mayHaveLeft(size int64) bool { return size > cheap }
