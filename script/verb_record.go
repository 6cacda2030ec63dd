package script

import (
	"context"
	"fmt"
)

// recordVerb begins and ends the writing down of a session.
func recordVerb(ctx context.Context, st *State, a Args) error {
	r := st.recording
	switch {
	case st.cfg.Ask == nil:
		return &StateError{What: "a script has been written down already", Hint: "ferry record FILE, and record FILE in ferry shell, write one"}
	case a.Len() == 0 && r == nil:
		return st.print("nothing is recorded; record FILE begins")
	case a.Len() == 0:
		return st.print(fmt.Sprintf("recording in %s: %s", r.path, count(len(r.parts), "command")))
	case a.Text(0) != "off":
		return st.startRecording(st.Local(a.Text(0)))
	case r == nil:
		return &StateError{What: "nothing is recorded", Hint: "record FILE begins"}
	}
	return r.stop(ctx)
}
