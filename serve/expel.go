package serve

import (
	"errors"
	"time"

	"ferry/serve/live"
)

// expulsion is why somebody else ends a session.
type expulsion struct {
	how  live.Outcome
	text string // of the 421
	err  error  // what breaks the transfer off
}

var (
	errKicked       = errors.New("kicked")
	errAccountEnded = errors.New("account has ended or changed")
)

func accountEnded() *expulsion {
	return &expulsion{
		how:  live.Expelled,
		text: "Your account has ended or changed, goodbye.",
		err:  &fault{brokenOff, "Your account has ended or changed, transfer aborted.", errAccountEnded},
	}
}

// kicked is what the administrator does; reason is for the client.
func kicked(reason string) *expulsion {
	if reason == "" {
		reason = "Your session was ended by the administrator."
	}
	return &expulsion{how: live.Kicked, text: reason, err: &fault{brokenOff, "Transfer ended by the administrator.", errKicked}}
}

// eject ends a session; safe from any goroutine. Its transfer is broken off
// here, since its owner may be waiting for that. A peer that doesn't read
// what it is told has killGrace.
func (s *session) eject(why *expulsion) {
	if !s.gauge.expelled.CompareAndSwap(nil, why) {
		return
	}
	if t := s.gauge.xfer.Load(); t != nil {
		t.cancel(why.err)
		t.poke()
	}
	s.wake()
	time.AfterFunc(killGrace, func() { s.srv.reg.cutOne(s) })
}

// expel is what the owner makes of it.
func (s *session) expel(why *expulsion) {
	if s.xfer == nil {
		s.dismiss(why.how, why.text)
		return
	}
	s.part(why.how)
	s.xfer.cancel(why.err)
	s.tendTransfer()
}
