package parent

import (
	"encoding/json"
	"strings"
)

// Changed is what came of reading the settings again.
type Changed struct {
	Now   []string `json:"now,omitempty"`   // in force for the next command on
	Later []string `json:"later,omitempty"` // for sessions that begin in a new process
	Err   string   `json:"error,omitempty"` // nothing has changed
}

// obey is what signals ask for.
func (l *loop) obey(o Order) {
	l.Notify(isReloading)
	switch o {
	case Reload:
		l.reload(asking{})
	case Upgrade:
		l.replace("upgrade")
		if l.next == nil {
			l.Notify(IsReady)
		}
	}
}

// reload reads the settings, and lets every child take what it can. The answer
// of the one that serves says what it can't.
func (l *loop) reload(who asking) {
	fresh, err := l.Reread()
	if err != nil {
		l.Log.Error("settings can't be used, the former ones stay in force", "err", err)
		l.answer(who, Changed{Err: err.Error()})
		return
	}
	l.take(fresh)
	if l.next != nil {
		l.again = "settings" // it has begun with the former ones
	}
	for _, c := range l.retired {
		l.tell(c, message{Kind: change, Text: fresh.Text})
	}
	if l.current == nil { // the next one begins with them
		l.answer(who, Changed{})
		return
	}
	l.lastID++
	l.waiting[l.lastID] = who
	l.tell(l.current, message{Kind: change, ID: l.lastID, Text: fresh.Text})
}

// changed is the answer of a child.
func (l *loop) changed(c *child, m message) {
	who, ok := l.waiting[m.ID]
	if !ok || c != l.current {
		return
	}
	delete(l.waiting, m.ID)
	var what Changed
	if err := json.Unmarshal(m.Text, &what); err != nil {
		what.Err = err.Error()
	}
	if what.Err == "" && len(what.Later) > 0 {
		l.replace("settings: " + strings.Join(what.Later, ", "))
	}
	l.answer(who, what)
}

// unanswered tells those who asked of a child that will not answer any more:
// its successor has the settings. Who is gone is told nothing.
func (l *loop) unanswered(gone *child) {
	for id, who := range l.waiting {
		delete(l.waiting, id)
		if who.child != nil && who.child != gone {
			l.answer(who, Changed{})
		}
	}
}

func (l *loop) answer(who asking, what Changed) {
	if l.next == nil {
		l.Notify(IsReady)
	}
	if who.child == nil {
		return
	}
	text, err := json.Marshal(what)
	if err == nil {
		l.tell(who.child, message{Kind: told, ID: who.id, Text: text})
	}
}
