package script

import (
	"fmt"
	"strconv"
	"strings"

	"ferry/script/journal"
)

// A decider is a Recorder that remembers what conditions and lists were: a run
// that goes on takes the ways that it took before, whatever it has changed
// since.
type decider interface {
	Recall(key string) ([]journal.Name, bool)
	Decide(key string, values []journal.Name) error
}

// decided is what a block's words have led to: in this run, or in the one that
// it goes on with. Secrets are not remembered.
func (st *State) decided(a Args, decide func() ([]Word, error)) ([]Word, error) {
	r, ok := st.cfg.Recorder.(decider)
	if !ok || st.ending != nil {
		return decide()
	}
	key := fmt.Sprintf("%s:%d:%d|%s|%s|%d", a.at.File, a.at.Line, a.at.Col, strings.Join(st.path, " "), a.Verb.Name, st.try)
	if names, ok := r.Recall(key); ok {
		values := make([]Word, len(names))
		for i, n := range names {
			values[i] = Literal(string(n))
		}
		return values, nil
	}
	values, err := decide()
	if err != nil {
		return nil, err
	}
	names := make([]journal.Name, len(values))
	for i, v := range values {
		if v.secret {
			return values, nil
		}
		names[i] = journal.Name(v.Text)
	}
	return values, r.Decide(key, names)
}

// holds is decided for a condition.
func (st *State) holds(a Args, test func() (bool, error)) (bool, error) {
	values, err := st.decided(a, func() ([]Word, error) {
		ok, err := test()
		return []Word{Literal(strconv.FormatBool(ok))}, err
	})
	return err == nil && len(values) == 1 && values[0].Text == "true", err
}

// Recall is what the earlier run has decided.
func (w *watch) Recall(key string) ([]journal.Name, bool) {
	if w.memory == nil || w.memory.past == nil {
		return nil, false
	}
	l := w.memory.past.Lines[key]
	return valuesOf(l), l != nil && l.Values != nil
}

func valuesOf(l *journal.Line) []journal.Name {
	if l == nil {
		return nil
	}
	return l.Values
}

// Decide remembers a decision.
func (w *watch) Decide(key string, values []journal.Name) error {
	if w.memory == nil {
		return nil
	}
	return w.memory.journal.Append(journal.Record{Kind: journal.Value, ID: key, Values: values}, journal.Grouped)
}
