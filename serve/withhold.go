package serve

import (
	"path"
	"strings"

	"ferry/serve/live"
)

// ferry's own client uploads under a temporary name and renames what is whole.
// Nobody wants to hear of that name: the event of such an upload is withheld
// until the session renames the file, and tells the name that it has then. What
// is deleted, uploaded again or left instead is told under the temporary one.
// Of other clients' temporary names nothing can be known: theirs are told as
// they come, and the rename behind them tells both names.

// temporary reports whether a file has a name that ferry's client gives to what
// is not whole yet.
func temporary(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, ".ferry-") && strings.HasSuffix(base, ".tmp")
}

// withhold keeps an event until it is known what becomes of the file. It
// reports whether it does.
func (s *session) withhold(e live.Event) bool {
	if e.Kind != live.Upload {
		return false
	}
	if e.Ranged {
		return s.gather(e)
	}
	s.release(e.Path, e.Path)
	if !e.OK() || !temporary(e.Path) || len(s.withheld) >= maxWithheld {
		return false
	}
	if s.withheld == nil {
		s.withheld = map[string]live.Event{}
	}
	s.withheld[e.Path] = e
	return true
}

// release tells of an upload that was withheld, under the name that it has now.
func (s *session) release(was, is string) {
	e, ok := s.withheld[was]
	if !ok {
		return
	}
	delete(s.withheld, was)
	e.Path = is
	s.srv.tell(e)
}

// settle looks at an event that is about to be told, and tells before it of
// uploads whose names it settles.
func (s *session) settle(e live.Event) {
	switch {
	case !e.OK():
	case e.Kind == live.Delete:
		s.release(e.Path, e.Path)
		s.spill(e.Path, e.Path)
	case e.Kind == live.Rename:
		s.release(e.To, e.To) // it is replaced
		s.spill(e.To, e.To)
		s.release(e.Path, e.To)
		s.spill(e.Path, e.To)
	}
}

// releaseAll tells of all that is still withheld: nothing becomes of it here.
func (s *session) releaseAll() {
	s.spillAll()
	for name := range s.withheld {
		s.release(name, name)
	}
}
