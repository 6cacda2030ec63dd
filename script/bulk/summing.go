package bulk

import (
	"errors"
	"slices"
	"time"

	"ferry/proto"
)

// hashPatience is how long a server may take for the checksum of so many bytes.
func hashPatience(size int64) time.Duration {
	return time.Duration(max(size, 0) / slowestSum * int64(time.Second))
}

// summing is what was learned of a server's checksums.
type summing struct {
	refused int   // times in a row that it gave none
	off     bool  // it is not asked any more
	said    bool  // which was told
	bound   int64 // the size from which they take long; 0: not known
}

// learnSums notes that a server gave a checksum, or why not. It reports whether
// that is news to be told.
func (s *Server) learnSums(err error) (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var reply *proto.ReplyError
	switch {
	case err == nil:
		s.sum.refused = 0
		return false
	case errors.As(err, &reply) && !slices.Contains([]proto.Code{proto.Unrecognised, proto.NotImplemented, proto.Superfluous, proto.BadParameter}, reply.Reply.Code):
		s.sum.refused++
	default: // it doesn't know how, talks nonsense, or has not answered
		s.sum.refused = maxSumRefusals
	}
	s.sum.off = s.sum.off || s.sum.refused >= maxSumRefusals
	news = !s.sum.said
	s.sum.said = true
	return news
}

// learnSumRate notes that a checksum took long, and reports whether that is
// news.
func (s *Server) learnSumRate(size int64, took time.Duration) (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	news = s.sum.bound == 0
	s.sum.bound = max(1, int64(float64(size)*slowSum.Seconds()/took.Seconds()))
	return news
}

// sumless reports a server that gives no checksums, whatever it offers.
func (s *Server) sumless() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum.off
}

// sumsLate reports whether the checksum of a file of that size takes long.
func (s *Server) sumsLate(size int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum.bound > 0 && size >= s.sum.bound
}
