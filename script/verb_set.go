package script

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ferry/proto/client"
)

// set lists, shows or changes settings and variables.
func set(_ context.Context, st *State, a Args) error {
	switch a.Len() {
	case 0:
		return st.listSettings()
	case 1:
		w, err := st.variable(a.Text(0))
		if err != nil {
			return err
		}
		return st.print(w.Text)
	}
	if row := findSetting(a.Text(0)); row != nil {
		if err := st.set(row.Name, a.Text(1)); err != nil || !a.Flag("-k") {
			return err
		}
		if ShownURL(a.Text(1)) != a.Text(1) {
			return errKeptSecret
		}
		return st.keep(settingOf(row), "set "+row.Name+" "+QuoteWord(row.Get(&st.Settings), 0))
	}
	if a.Flag("-k") {
		return &UnknownError{What: "setting", Name: a.Text(0), Hint: "only settings are kept, and `set` lists them"}
	}
	return st.setVariable(a.Text(0), a.Words[1])
}

func (st *State) setVariable(name string, value Word) error {
	if strings.Contains(name, ":") {
		return st.setForeign(name, value.Text)
	}
	if !validName(name) {
		return &CallError{What: fmt.Sprintf("%q can't be a variable's name", name), Hint: "letters, digits, _, - and . make a name"}
	}
	if _, known := st.vars[name]; !known {
		if near := nearSetting(name); near != "" {
			return &UnknownError{What: "setting", Name: name, Hint: "did you mean " + near + "? `set` lists them all"}
		}
	}
	st.vars[name] = value
	return nil
}

// setForeign takes a setting of lftp for what it means here, as scripts have it.
func (st *State) setForeign(name, value string) error {
	own, to, ok := foreign(name, value)
	switch {
	case !ok:
		return &UnknownError{What: "setting", Name: name, Hint: foreignSetting(name)}
	case own == "":
		st.say("%s has no meaning here and is passed over", name)
		return nil
	}
	return st.set(own, to)
}

// nearSetting is the setting that a name is a slip of; only close ones count,
// since the name may be a new variable's.
func nearSetting(name string) string {
	for _, row := range SettingRows() {
		for _, n := range append([]string{row.Name}, row.Aliases...) {
			if len(n) > 5 && distance(strings.ToLower(name), n) <= 1 || len(n) > 9 && distance(strings.ToLower(name), n) <= 2 {
				return row.Name
			}
		}
	}
	return ""
}

// set changes a setting, and what of it is in force already.
func (st *State) set(name, value string) error {
	row := findSetting(name)
	if row == nil {
		h := "`set` lists the settings"
		if near := nearSetting(name); near != "" {
			h = "did you mean " + near + "? " + h
		}
		return &UnknownError{What: "setting", Name: name, Hint: h}
	}
	switch row.Name {
	case "ca", "cert", "key", "password-file":
		if value != nothing { // from here, wherever lcd leads later
			value = st.Local(value)
		}
	}
	if err := row.Set(&st.Settings, value); err != nil {
		return err
	}
	switch {
	case row.Name != "passive":
		st.reroute()
	case st.Settings.Passive:
		st.setMethod(client.Passive)
	default:
		st.setMethod(client.Active)
	}
	return nil
}

// setMethod says how data connections are made, now and after the next open.
func (st *State) setMethod(m client.Method) {
	st.Settings.Passive = !m.Listens()
	st.cfg.Client.Data = m
	if st.client != nil {
		st.client.SetData(m)
	}
}

// settingOf tells lines that set a setting from all others.
func settingOf(row *SettingRow) func(Line) bool {
	return func(l Line) bool {
		return l.Verb == "set" && len(l.Args) == 2 && (l.Args[0].Text == row.Name || slices.Contains(row.Aliases, l.Args[0].Text))
	}
}

// listSettings prints each setting's name, value, default and meaning.
func (st *State) listSettings() error {
	rows := [][]string{{"SETTING", "VALUE", "DEFAULT", "MEANING"}}
	for _, row := range SettingRows() {
		rows = append(rows, []string{row.Name, row.Get(&st.Settings), row.Get(&st.usual), row.Brief})
	}
	if err := st.printRows(rows); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(st.vars)) {
		value := st.vars[name].Text
		if secretName(name) {
			value = stars
		}
		if err := st.print(fmt.Sprintf("${%s} = %s", name, value)); err != nil {
			return err
		}
	}
	return nil
}

func unset(_ context.Context, st *State, a Args) error {
	name := a.Text(0)
	if row := findSetting(name); row != nil {
		if err := st.set(row.Name, row.Get(&st.usual)); err != nil || !a.Flag("-k") {
			return err
		}
		return st.keep(settingOf(row), "")
	}
	if _, ok := st.vars[name]; !ok {
		return &UnknownError{What: "variable", Name: name, Hint: "`set` lists them"}
	}
	delete(st.vars, name)
	return nil
}

// flip makes the verb for a switch of ftp(1): the other way round without an
// argument, on or off with one.
func flip(name string) func(context.Context, *State, Args) error {
	return func(_ context.Context, st *State, a Args) error {
		value := a.Text(0)
		if a.Len() == 0 {
			row := findSetting(name)
			value = "on"
			if row.Get(&st.Settings) == "on" {
				value = "off"
			}
		}
		if err := st.set(name, value); err != nil {
			return err
		}
		st.say("%s %s", name, findSetting(name).Get(&st.Settings))
		return nil
	}
}

// debug is a switch to which people give numbers.
func debug(ctx context.Context, st *State, a Args) error {
	if n, err := strconv.Atoi(a.Text(0)); err == nil && a.Len() > 0 {
		a.Words[0] = Literal(onOff(n > 0))
	}
	return flip("debug")(ctx, st, a)
}

func passive(ctx context.Context, st *State, a Args) error {
	if a.Len() == 0 && st.cfg.Ask == nil {
		// In a script "passive" is meant: it must not depend on how things stood.
		return st.set("passive", "on")
	}
	return flip("passive")(ctx, st, a)
}

func active(_ context.Context, st *State, _ Args) error { return st.set("passive", "off") }

// method makes the verbs that want one command for data connections.
func method(m client.Method) func(context.Context, *State, Args) error {
	return func(_ context.Context, st *State, _ Args) error {
		st.setMethod(m)
		return nil
	}
}

// restartAt remembers where the next transfer begins.
func restartAt(_ context.Context, st *State, a Args) error {
	n, err := parseNumber(a.Text(0), 1<<62)
	st.restart = n
	return err
}

func parseNumber(text string, most int64) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > most {
		return 0, &CallError{What: fmt.Sprintf("%q is no number from 0 to %d", text, most)}
	}
	return n, nil
}

// onError is the setting of that name as a verb.
func onError(_ context.Context, st *State, a Args) error { return st.set("on-error", a.Text(0)) }

// optionNames are those of WinSCP that are known.
func optionNames() []string {
	return words("batch confirm echo transfer reconnecttime failonnomatch synchdelete exclude include")
}

func checkOption(a Args) error {
	if a.unknown() || slices.Contains(optionNames(), strings.ToLower(a.Text(0))) {
		return nil
	}
	return &UnknownError{What: "option", Name: a.Text(0), Hint: "batch, confirm and echo are known; `set` has all of ferry's own"}
}

// option is WinSCP's way to say some of it.
func option(_ context.Context, st *State, a Args) error {
	value := strings.ToLower(a.Text(1))
	switch strings.ToLower(a.Text(0)) {
	case "batch":
		st.Settings.OnError = StopRun
		if value == "continue" {
			st.Settings.OnError = GoOn
		}
		return nil
	case "confirm":
		return st.set("confirm", value)
	case "echo":
		return st.set("echo", value)
	}
	if err := checkOption(a); err != nil {
		return err
	}
	st.warn("option %s has no meaning here and is passed over", a.Text(0))
	return nil
}
