package script

import (
	"errors"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// become is what a command is in the script, now that it has run.
func (r *recording) become(l Line, err error, moved bool) []string {
	v, unknown := r.st.verb(l.Verb)
	var exit *Exit
	switch {
	case unknown != nil:
		return nil
	case slices.Contains(words("help history cls jobs kill alias unalias bookmark trust record"), v.Name),
		v.Name == "queue" && len(l.Body) == 0, v.Name == "!" && l.Rest == "":
		return nil // they are for who sits at the prompt
	case v.Name == "fg", v.Name == "wait": // also where a job has failed: the others were waited for
		return []string{"wait"}
	case v.Name == "open":
		return r.opening(l, err, moved)
	case v.Name == "user" && err == nil:
		return r.loginLines()
	case v.Name == "account" && err == nil:
		return []string{"account ${env:FERRY_ACCOUNT}"}
	case err != nil && !errors.As(err, &exit):
		return append(commented(r.shown(l)), why(err))
	case r.heard.declined:
		return append(commented(r.shown(l)), "# the answer was no")
	}
	return r.done(v, l)
}

// done is what a command that has worked is in the script.
func (r *recording) done(v *Verb, l Line) []string {
	switch {
	case v.Name == "edit":
		return append(commented(r.shown(l)), "# an editor wants somebody at the terminal")
	case r.holdsSecret(l):
		if v.Name == "set" {
			return []string{"set " + l.Args[0].Text + " ${env:" + envName(l.Args[0].Text) + "}"}
		}
		return append(commented(r.shown(l)), "# a line with a secret is not taken over")
	case v.Name == "set" && len(l.Args) > 0 && l.Args[0].flag(): // in a script there is no "for later sessions"
		return []string{"set " + QuoteWord(l.Args[1].Text, 0) + " " + QuoteWord(l.Args[2].Text, 0)}
	case v.Name == "set" && len(l.Args) == 2 && l.Args[0].Text == "existing" && l.Args[1].Text == bulkName(bulk.Ask):
		return []string{"unset existing"}
	case len(l.Args) == 0 && len(v.Args) > 0 && v.Args[0].Kind == Switch: // not the other way round, but as it is now
		return []string{v.Name + " " + findSetting(v.Name).Get(&r.st.Settings)}
	case v.Name == "source":
		return []string{"source " + strings.Join(append([]string{QuoteWord(r.st.beside(l.Args[0].Text), 0)}, quoted(l.Args[1:])...), " ")}
	case r.heard.names != nil:
		return r.policies(v, l, []string{r.chosen(v, l)})
	}
	return r.policies(v, l, writtenLine(l))
}

// beside is a file that source names, in full.
func (st *State) beside(name string) string {
	if filepath.IsAbs(name) || strings.HasPrefix(name, "${") {
		return name
	}
	return filepath.Join(st.here, name)
}

func quoted(ws []Word) (out []string) {
	for _, w := range ws {
		out = append(out, QuoteWord(w.Text, 0))
	}
	return out
}

// envName is the variable of the environment that stands for a secret one.
func envName(name string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x80 && alnum(byte(c)) {
			return c
		}
		return '_'
	}, strings.ToUpper(name))
}

// shown is a command without its secrets, for a comment.
func (r *recording) shown(l Line) []string {
	for _, inner := range flat([]Line{l}) {
		if r.holdsSecret(inner) {
			return []string{r.st.table.Shown(l)}
		}
	}
	return writtenLine(l)
}

// holdsSecret reports whether a command, or one in it, has a secret that is
// more than a reference to where it stands.
func (r *recording) holdsSecret(l Line) bool {
	t := r.st.table
	for _, inner := range flat([]Line{l}) {
		for _, text := range inner.Text {
			if _, secret := t.ShownText(text); secret {
				return true
			}
		}
		v, err := t.Lookup(inner.Verb)
		switch {
		case err != nil || t.Shown(inner) == inner.Raw:
			continue
		case v.Takes == Rest:
			return true
		}
		shown, _ := v.shownWords(inner.Args)
		for i, w := range inner.Args {
			whole := strings.HasPrefix(w.Text, "${") && strings.IndexByte(w.Text, '}') == len(w.Text)-1
			if shown[i] != w.Text && !whole {
				return true
			}
		}
	}
	return false
}

// why is a failure as a comment.
func why(err error) string {
	var e *Error
	if errors.As(err, &e) {
		err = e.Err
	}
	if err == nil {
		err = errors.New("nothing was opened")
	}
	return "# failed: " + list.Printable(err.Error())
}

func commented(lines []string) []string {
	for i := range lines {
		lines[i] = "# " + lines[i]
	}
	return lines
}

// chosen is a command about the names that were chosen, one by one.
func (r *recording) chosen(v *Verb, l Line) string {
	parts := []string{l.Verb}
	if a, err := bind(v, l, r.st.expand); err == nil {
		for _, name := range slices.Sorted(maps.Keys(a.flags)) {
			parts = append(parts, name)
			if value := a.flags[name]; value != "" {
				parts = append(parts, QuoteWord(value, 0))
			}
		}
	}
	parts = append(parts, "--")
	for _, name := range r.heard.names {
		parts = append(parts, QuoteWord(name, 0))
	}
	return strings.Join(parts, " ")
}

// policies puts what was answered about names that exist into a command. Where
// the answers differ, it leaves all of them alone, and one line for each that
// was not to be left follows.
func (r *recording) policies(v *Verb, l Line, lines []string) []string {
	all := r.heard.conflicts
	if len(all) == 0 {
		return lines
	}
	policy, alike := all[0].answer.Policy, true
	for _, x := range all {
		alike = alike && x.answer.Policy == policy && x.answer.Name == ""
	}
	if alike {
		return existing(v, l, lines, policy)
	}
	var own []string
	for _, x := range all {
		if x.answer.Policy != bulk.Skip {
			own = append(own, r.own(x))
		}
	}
	if a, err := bind(v, l, r.st.expand); err == nil && len(l.Body) == 0 && len(all) == 1 && v.long("--existing") != nil &&
		!a.Flag("-r") && !a.Many && a.Len() <= 2 && !a.Words[0].Pattern() {
		return own // it is about this one file
	}
	return append(existing(v, l, lines, bulk.Skip), own...)
}

// own is the line for one file about which something of its own was answered.
func (r *recording) own(x answered) string {
	policy, local, remote := x.answer.Policy, r.st.short(x.about.Item.Local), x.about.Item.Remote
	target := &remote
	if x.about.Direction == bulk.Down {
		target = &local
	}
	if name := x.answer.Name; name != "" {
		if x.about.Direction == bulk.Down {
			name = r.st.short(name)
		}
		policy, *target = bulk.Overwrite, name
	}
	if x.about.Direction == bulk.Down {
		return "get --existing " + bulkName(policy) + " " + QuoteWord(remote, 0) + " " + QuoteWord(local, 0)
	}
	return "put --existing " + bulkName(policy) + " " + QuoteWord(local, 0) + " " + QuoteWord(remote, 0)
}

// existing makes a command follow a policy: by its flag, or by the setting
// around it.
func existing(v *Verb, l Line, lines []string, p bulk.Policy) []string {
	if v.long("--existing") == nil || len(lines) != 1 {
		return slices.Concat([]string{"set existing " + bulkName(p)}, lines, []string{"unset existing"})
	}
	at := strings.Index(strings.ToLower(lines[0]), l.Verb) + len(l.Verb)
	return []string{lines[0][:at] + " --existing " + bulkName(p) + lines[0][at:]}
}

func bulkName(p bulk.Policy) string {
	for _, v := range policies() {
		if v.v == p {
			return v.name
		}
	}
	return ""
}

// opening is what open is in the script: where it has led, as whom, without
// the password.
func (r *recording) opening(l Line, err error, moved bool) []string {
	st := r.st
	if !moved || st.client == nil {
		return append(commented([]string{st.table.Shown(l)}), why(err))
	}
	if !st.LoggedIn() {
		return r.pins([]string{"open " + QuoteWord(openText(st.last.to, "", ""), 0)})
	}
	if st.last.who.Account != "" || st.last.who.Pass == "" {
		return r.pins(append([]string{"open " + QuoteWord(openText(st.last.to, "", ""), 0)}, append(r.loginLines(), r.enter()...)...))
	}
	lines := []string{"open " + QuoteWord(openText(st.last.to, st.site.User, st.last.to.path), 0)}
	if err != nil { // its directory was not there
		lines = []string{"open " + QuoteWord(openText(st.last.to, st.site.User, ""), 0)}
	}
	return r.pins(lines)
}

func (r *recording) enter() []string {
	if dir := r.st.last.to.path; dir != "" {
		return []string{"cd " + QuoteWord(dir, 0)}
	}
	return nil
}

// loginLines log in as the session has.
func (r *recording) loginLines() []string {
	who := r.st.last.who
	line := "user " + QuoteWord(who.User, 0)
	switch {
	case who.Account != "":
		line += " ${env:FERRY_PASSWORD} ${env:FERRY_ACCOUNT}"
	case who.Pass == "":
		line += ` ""`
	}
	return []string{line}
}

// pins puts the fingerprint of a certificate that a person trusts before what
// connects: whoever runs the script may not have met that server.
func (r *recording) pins(lines []string) []string {
	st := r.st
	if !strings.HasPrefix(lines[0], "open ") {
		return lines
	}
	if state, encrypted := st.client.TLS(); encrypted && st.Settings.Pin == "" && (st.site.Trust == Pinned || st.site.Trust == OnceOnly) {
		r.pinned = true
		return append([]string{"set pin " + client.PinFor(state.PeerCertificates[0]).String()}, lines...)
	}
	if r.pinned {
		r.pinned = false
		return append([]string{"unset pin"}, lines...)
	}
	return lines
}

// openText is a target as open reads it.
func openText(t target, user, dir string) string {
	host := t.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	scheme, port := "ftp", "21"
	switch t.tls {
	case client.TLSImplicit:
		scheme, port = "ftps", "990"
	case client.TLSRequired:
		scheme = "ftpes"
	}
	if t.port != port {
		host += ":" + t.port
	}
	plain := scheme == "ftp" && dir == "" && !strings.ContainsAny(user, ":/%@")
	switch {
	case plain && user == "":
		return host
	case plain:
		return user + "@" + host
	case user != "":
		host = url.PathEscape(user) + "@" + host
		host = strings.NewReplacer(":", "%3A").Replace(host[:strings.LastIndexByte(host, '@')]) + host[strings.LastIndexByte(host, '@'):]
	}
	return scheme + "://" + host + "/" + strings.ReplaceAll(url.PathEscape(dir), "%2F", "/")
}

// surroundings are the lines that lead to where a session stands.
func (r *recording) surroundings() []string {
	st := r.st
	lines := []string{"lcd " + QuoteWord(filepath.ToSlash(st.dir), 0)}
	plain := DefaultSettings()
	for _, row := range SettingRows() {
		if slices.Contains(words("existing color keys progress prompt confirm bell hash echo quiet verbose debug"), row.Name) {
			continue
		}
		if value := row.Get(&st.Settings); value != row.Get(&plain) && ShownURL(value) == value {
			lines = append(lines, "set "+row.Name+" "+QuoteWord(value, 0))
		}
	}
	if st.Settings.Existing != plain.Existing && st.Settings.Existing != bulk.Ask {
		lines = append(lines, "set existing "+bulkName(st.Settings.Existing))
	}
	for _, name := range slices.Sorted(maps.Keys(st.vars)) {
		value := QuoteWord(st.vars[name].Text, 0)
		if secretName(name) {
			value = "${env:" + envName(name) + "}"
		}
		if name[0] < '0' || name[0] > '9' {
			lines = append(lines, "set "+name+" "+value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(st.macros)) {
		lines = append(lines, slices.Concat([]string{"macdef " + name}, st.macros[name], []string{""})...)
	}
	if st.params != proto.Binary() {
		lines = append(lines, paramLines(st.params)...)
	}
	if st.LoggedIn() {
		lines = append(lines, r.opening(Line{}, nil, true)...)
		for _, dir := range st.last.trail {
			if dir != st.last.to.path {
				lines = append(lines, "cd "+QuoteWord(dir, 0))
			}
		}
	}
	return lines
}

// paramLines set what transfers go by.
func paramLines(p proto.Params) (lines []string) {
	switch p.Type.Code {
	case proto.ASCII:
		lines = append(lines, "ascii")
	case proto.EBCDIC:
		lines = append(lines, "ebcdic")
	case proto.Local:
		lines = append(lines, "tenex")
	}
	if p.Stru != proto.File {
		lines = append(lines, "struct "+map[proto.Stru]string{proto.Record: "record", proto.Page: "page"}[p.Stru])
	}
	if p.Mode != proto.Stream {
		lines = append(lines, "mode "+map[proto.Mode]string{proto.Block: "block", proto.Compressed: "compressed", proto.Deflate: "deflate"}[p.Mode])
	}
	return lines
}

// writtenLine is a command as text, with the lines that belong to it.
func writtenLine(l Line) []string {
	lines := []string{l.Raw}
	async := ""
	if l.Async {
		async = " &"
	}
	switch {
	case len(l.Text) > 0: // macdef
		return slices.Concat(lines, l.Text, []string{""})
	case len(l.Body) == 0 && len(l.Else) == 0:
		return []string{l.Raw + async}
	case len(l.Body) == 1 && leadsOne(l):
		inner := writtenLine(l.Body[0])
		inner[0] = l.Raw + " " + inner[0]
		inner[len(inner)-1] += async
		return inner
	}
	for {
		lines = append(lines, indented(l.Body)...)
		if len(l.Else) == 1 && strings.HasPrefix(strings.ToLower(l.Else[0].Raw), "else") {
			l = l.Else[0]
			lines = append(lines, l.Raw)
			continue
		}
		if len(l.Else) > 0 {
			lines = append(append(lines, "else"), indented(l.Else)...)
		}
		return append(lines, "end"+async)
	}
}

// leadsOne reports whether a command stands before another one in its line.
func leadsOne(l Line) bool {
	return slices.Contains(words("retry timeout queue"), l.Verb)
}

func indented(body []Line) (lines []string) {
	for _, l := range body {
		for _, text := range writtenLine(l) {
			lines = append(lines, "  "+text)
		}
	}
	return lines
}
