package script

import (
	"fmt"
	"time"

	"ferry/proto"
	"ferry/proto/list"
)

// Said is a line of the dialogue, and whose it is. Its text is proto.Trace's:
// secrets have stars.
type Said struct {
	Session int // which connection of the run or the shell, from 1
	Job     int // whose connection; 0: the foreground's
	From    proto.Direction
	Text    string
}

// trace shows the dialogue as far as it is wanted. It may be called while a
// transfer runs, so it only reads what verbs set between transfers.
func (st *State) trace(w Said) {
	st.tracing.Lock() // several sessions may be at work
	defer st.tracing.Unlock()
	if w.From == proto.FromServer {
		st.tally.reply.Store(&w.Text)
	}
	line := fmt.Sprintf("%c: %s", w.From, list.Printable(w.Text))
	if (st.log != nil || st.debugs()) && st.Jobs.sessions.beside(w.Session) {
		line = fmt.Sprintf("#%d %s", w.Session, line)
	}
	st.log.wire(line)
	st.Jobs.sessions.heard(w, time.Now())
	st.Jobs.hear(st.cfg.Trace, w)
	switch {
	case st.debugs():
		fmt.Fprintln(st.Err, st.ink(inkOf(w.From), line))
	case st.Settings.Verbose && w.From == proto.FromServer:
		fmt.Fprintln(st.Err, st.ink(Received, list.Printable(w.Text)))
	}
}

// follow lets what a person sets at the prompt hold for the jobs that run:
// their dialogue comes and goes with it.
func (st *State) follow() {
	if st.job == 0 && st.Jobs.shell {
		st.Jobs.debug.Store(st.Settings.Debug)
	}
}

// debugs reports whether the dialogue is shown. That of a shell's jobs is
// while a person wants to see any.
func (st *State) debugs() bool { return st.Settings.Debug || st.job > 0 && st.Jobs.debug.Load() }

// hear hands a line on, one at a time.
func (js *Jobs) hear(to func(Said), w Said) {
	if to == nil {
		return
	}
	js.heard.Lock()
	defer js.heard.Unlock()
	to(w)
}
