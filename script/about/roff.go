package about

import (
	"fmt"
	"strings"

	"ferry/script"
)

// manual is all pages by the names of their files.
func manual(root Page) map[string]string {
	pages := map[string]string{"ferry-script.5": language()}
	root.each(func(p Page) { pages[p.Name()+".1"] = p.roff() })
	return pages
}

// roff is a page as man(7) has it.
func (p Page) roff() string {
	var b strings.Builder
	header(&b, p.Name(), "1", p.Brief)
	b.WriteString(".SH SYNOPSIS\n")
	example(&b, p.Usage)
	if p.Text != "" {
		b.WriteString(".SH DESCRIPTION\n")
		example(&b, p.Text)
	}
	if len(p.Subs) > 0 {
		b.WriteString(".SH COMMANDS\n")
		for _, sub := range p.Subs {
			fmt.Fprintf(&b, ".TP\n.BR %s (1)\n%s\n", escape(sub.Name()), line(sub.Brief))
		}
	}
	if len(p.Options) > 0 {
		b.WriteString(".SH OPTIONS\n")
		for _, o := range p.Options {
			option(&b, o)
		}
	}
	b.WriteString(".SH EXIT STATUS\n")
	example(&b, strings.TrimRight(script.ExitCodes(), "\n"))
	b.WriteString(".SH SEE ALSO\n")
	if len(p.Path) > 1 {
		b.WriteString(".BR ferry (1),\n")
	}
	b.WriteString(".BR ferry\\-script (5)\n")
	return b.String()
}

// header begins a page. It has no date: a page of the same program is the same.
func header(b *strings.Builder, name, section, brief string) {
	fmt.Fprintf(b, ".\\\" made from the tables of ferry by `ferry man`\n.TH %s %s \"\" ferry \"ferry manual\"\n.SH NAME\n%s \\- %s\n",
		strings.ToUpper(escape(name)), section, escape(name), line(brief))
}

func option(b *strings.Builder, o Option) {
	var names []string
	for _, n := range o.written() {
		names = append(names, "\\fB"+escape(n)+"\\fR")
	}
	fmt.Fprintf(b, ".TP\n%s", strings.Join(names, ", "))
	if o.Value != "" {
		fmt.Fprintf(b, " \\fI%s\\fR", escape(o.Value))
	}
	fmt.Fprintf(b, "\n%s", line(o.plain()))
	if o.Default != "" && !strings.Contains(o.Usage, "(default:") {
		fmt.Fprintf(b, " (default: %s)", escape(strings.Trim(o.Default, `"`)))
	}
	b.WriteString("\n")
}

// example is text whose lines stay as they are.
func example(b *strings.Builder, text string) {
	b.WriteString(".nf\n")
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" || b.Len() > 0 {
			b.WriteString(line(l) + "\n")
		}
	}
	b.WriteString(".fi\n")
}

// line is text that begins no request. A dot or a quote at its beginning would.
func line(text string) string {
	text = escape(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

// escape writes what roff would read otherwise, and all that is not ASCII, as
// roff names it.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\\':
			b.WriteString(`\e`)
		case r == '-':
			b.WriteString(`\-`)
		case r == '\'':
			b.WriteString(`\(aq`)
		case r == '`':
			b.WriteString(`\(ga`)
		case r == '^':
			b.WriteString(`\(ha`)
		case r == '~':
			b.WriteString(`\(ti`)
		case r > 0x7e:
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
