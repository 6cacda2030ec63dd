package script

import (
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// Where a session stands, and how a script gets there.

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
