package settings

import (
	"fmt"
	"io"
	"strings"
)

// Print writes a file that says v: each option with its help above, those that
// are as they always are as comments.
func Print(w io.Writer, options []Option, v Values) {
	for _, o := range options {
		fmt.Fprintf(w, "\n# %s\n", strings.ReplaceAll(o.Help, "`", ""))
		if given, ok := v[o.Name]; ok {
			fmt.Fprintf(w, "%s = %s\n", o.Name, literal(o, given))
			continue
		}
		fmt.Fprintf(w, "# %s = %s\n", o.Name, literal(o, o.Default))
	}
}

// PrintTable writes one table of an array of them.
func PrintTable(w io.Writer, name string, options []Option, t Table) {
	fmt.Fprintf(w, "\n[[%s]]\n", name)
	for _, o := range options {
		if given, ok := t.Values[o.Name]; ok {
			fmt.Fprintf(w, "%s = %s\n", o.Name, literal(o, given))
		}
	}
}

// literal is a value in TOML.
func literal(o Option, v []string) string {
	one := ""
	if len(v) > 0 {
		one = v[0]
	}
	switch {
	case o.Kind == Many:
		var all []string
		for _, s := range v {
			all = append(all, quote(s))
		}
		return "[" + strings.Join(all, ", ") + "]"
	case o.Kind == Switch && one == "":
		return "false"
	case o.Kind == Count && one == "":
		return "0"
	case o.Kind == Switch, o.Kind == Count:
		return one
	}
	return quote(one)
}

// quote makes a basic string (TOML 1.0, String).
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
