package repl

import (
	"github.com/mattn/go-runewidth"

	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script"
)

// prompt is what stands before a line: in a block that goes on, dots.
func (sh *shell) prompt() string {
	if sh.engine.Pending() {
		return "...> "
	}
	return prompt(sh.engine.State(), sh.ed.Width(), sh.palette())
}

// prompt tells where one is, and whether others can read along. It takes at
// most half of the columns.
func prompt(st *script.State, columns int, color Color) string {
	c, site := st.Client(), st.Site()
	if c == nil && st.Lost() == (script.Site{}) {
		return paint(color, bold, "ferry") + "> "
	}
	if c == nil {
		site = st.Lost()
	}
	mark, how := " (plain)", yellow
	switch {
	case c == nil, c.Broken():
		mark, how = " (connection lost)", red
	case !st.LoggedIn():
		mark, how = " (not logged in)", yellow
	case c.Encrypted():
		mark, how = lock(c, site.Trust)
	}
	return placed(site, mark, how, columns, color)
}

// placed is the prompt at a site, with how private that is.
//
// SECURITY: the directory is what a server calls it.
func placed(site script.Site, mark, how string, columns int, color Color) string {
	where := list.Printable(site.Host)
	if site.User != "" && site.User != "anonymous" {
		where = list.Printable(site.User) + "@" + where
	}
	room := max(columns/2-width(mark)-2, 8)
	where = shorten(where, room-1)
	dir := ""
	if site.Dir != "" {
		dir = ":" + shorten(list.Printable(site.Dir), max(room-width(where)-1, 8))
	}
	return paint(color, bold, where) + dir + paint(color, how, mark) + "> "
}

// lock tells how far a connection under TLS can be trusted: green is for those
// where nobody else reads along.
func lock(c *client.Client, t script.Trust) (mark, how string) {
	mark, how = " (TLS", green
	if t != script.Unknown {
		mark += " " + string(t)
	}
	if t == script.OnceOnly {
		how = yellow
	}
	if !c.DataEncrypted() {
		mark, how = mark+", files in clear", yellow
	}
	return mark + ")", how
}

// shorten drops the beginning of a text that is too wide: of a path the end
// tells more.
func shorten(text string, columns int) string {
	if width(text) <= columns {
		return text
	}
	return runewidth.TruncatePrefix(text, columns, "…")
}
