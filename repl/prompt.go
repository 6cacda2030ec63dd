package repl

import (
	"github.com/mattn/go-runewidth"

	"ferry/proto/list"
	"ferry/script"
)

// prompt tells where one is, and whether others can read along. It takes at
// most half of the columns.
func prompt(st *script.State, columns int, c Color) string {
	client, site := st.Client(), st.Site()
	if client == nil {
		return paint(c, bold, "ferry") + "> "
	}
	where := list.Printable(site.Host)
	if site.User != "" && site.User != "anonymous" {
		where = list.Printable(site.User) + "@" + where
	}
	mark, how := " (plain)", yellow
	switch {
	case client.Broken():
		mark, how = " (connection lost)", red
	case !st.LoggedIn():
		mark, how = " (not logged in)", yellow
	case client.Encrypted():
		mark, how = " (TLS)", green
	}
	room := max(columns/2-width(mark)-2, 8)
	where = shorten(where, room-1)
	dir := ""
	if site.Dir != "" {
		dir = ":" + shorten(list.Printable(site.Dir), max(room-width(where)-1, 8))
	}
	return paint(c, bold, where) + dir + paint(c, how, mark) + "> "
}

// shorten drops the beginning of a text that is too wide: of a path the end
// tells more.
func shorten(text string, columns int) string {
	if width(text) <= columns {
		return text
	}
	return runewidth.TruncatePrefix(text, columns, "…")
}
