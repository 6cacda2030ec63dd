package bulk

import (
	"errors"
	"fmt"
	"io"

	"ferry/proto"
	"ferry/proto/client"
)

// push sends a segment, or as much of it as others have left to it.
func (f *segmented) push(w *worker, s *segment) error {
	f.mu.Lock()
	told := s.end
	f.mu.Unlock()
	s.brake = w.brake(f.life)
	var last proto.Reply
	how := client.Transfer{Probe: &s.probe, Last: &last}
	_, err := w.client.StoreSpan(f.life, f.temp, client.Span{From: s.from, To: told}, s, how)
	if f.wasCut(s, told, err) {
		err = f.proven(w, s)
	}
	return f.sent(s, last, err)
}

// wasCut reports that a segment ended before the end that the server was told,
// because others have taken the rest.
func (f *segmented) wasCut(s *segment, told int64, err error) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	var reply *proto.ReplyError
	return s.at == s.end && s.end < told && errors.As(err, &reply) && reply.Reply.Code == proto.TransferAborted
}

// proven reports whether what was sent of a segment that was cut is there: the
// server says of each that it broke.
func (f *segmented) proven(w *worker, s *segment) error {
	same, err := f.sameAs(f.life, w, span{s.from, s.end})
	if err == nil && !same {
		err = &client.SizeError{Path: f.t.Item.Remote, Got: s.from, Want: s.end, By: "the sum of a segment"}
	}
	return err
}

// sent ends a segment. Without an error it is there; else all of it is for
// others.
func (f *segmented) sent(s *segment, last proto.Reply, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.change()
	delete(f.active, s)
	if err == nil {
		f.have = f.have.add(span{s.from, s.end})
		if last.Code.Class() == proto.Done && !f.closed {
			f.t.result.Reply = last
		}
		return nil
	}
	f.moved.Add(s.from - s.at)
	f.gaps = append(f.gaps, span{s.from, s.end})
	return err
}

// Read gives what the segment still has to send. It ends where another one
// begins by now.
func (s *segment) Read(p []byte) (int, error) {
	p = p[:min(len(p), segmentWrite)]
	if s.brake != nil {
		p = p[:s.most(len(p))]
		if err := s.wait(len(p)); err != nil {
			return 0, err
		}
	}
	at, room, err := s.turn()
	if err != nil || room == 0 {
		return 0, err
	}
	n, err := s.f.src.ReadAt(p[:min(int64(len(p)), room)], at)
	switch {
	case n > 0:
		err = nil
	case err == io.EOF:
		err = fmt.Errorf("it is shorter than it was: %w", ErrChanged)
	}
	s.f.mu.Lock()
	s.at += int64(n)
	s.f.mu.Unlock()
	s.f.moved.Add(int64(n))
	return n, err
}

// turn is where the segment goes on, and how much there is until its end.
func (s *segment) turn() (at, room int64, err error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if s.at == s.from {
		s.f.begins = min(s.f.begins, s.elapsed())
	}
	switch {
	case s.f.closed:
		return 0, 0, errEnded
	case s.at >= s.end:
		return 0, 0, io.EOF
	}
	return s.at, s.end - s.at, nil
}
