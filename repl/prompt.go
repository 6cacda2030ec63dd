package repl

import (
	"strings"

	"ferry/proto/list"
	"ferry/script"
)

// Escape sequences for a prompt, in the bounds that line editors need to
// count its width.
const (
	bold   = "\x1b[1m"
	yellow = "\x1b[33m"
	green  = "\x1b[32m"
	reset  = "\x1b[0m"
)

// prompt tells where one is, and whether others can read along.
func prompt(st *script.State, c Color) string {
	client, site := st.Client(), st.Site()
	if client == nil {
		return paint(c, bold, "ferry") + "> "
	}
	where := list.Printable(site.Host)
	if site.User != "" && site.User != "anonymous" {
		where = list.Printable(site.User) + "@" + where
	}
	var b strings.Builder
	b.WriteString(paint(c, bold, where))
	if site.Dir != "" {
		b.WriteString(":" + list.Printable(site.Dir))
	}
	if client.Encrypted() {
		b.WriteString(paint(c, green, " (TLS)"))
	} else {
		b.WriteString(paint(c, yellow, " (plain)"))
	}
	return b.String() + "> "
}

func paint(c Color, how, text string) string {
	if c == Plain {
		return text
	}
	return how + text + reset
}
