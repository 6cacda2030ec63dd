package about

import (
	"fmt"
	"strings"

	"ferry/script"
)

// language is ferry-script(5), from the tables of verbs, settings and topics.
func language() string {
	var b strings.Builder
	header(&b, "ferry-script", "5", "the language of ferry run and ferry shell")
	b.WriteString(".SH DESCRIPTION\nOne line is one command: a verb and its words, as people have typed them into ftp(1).\n" +
		"A verb may be shortened while it stays clear. The first failure ends a script.\n")
	verbs := script.Verbs()
	for _, g := range script.Groups() {
		fmt.Fprintf(&b, ".SH %s\n", strings.ToUpper(escape(string(g))+" verbs"))
		for i := range verbs {
			if verbs[i].Group == g {
				verb(&b, &verbs[i])
			}
		}
	}
	b.WriteString(".SH SETTINGS\n")
	for _, row := range script.SettingRows() {
		fmt.Fprintf(&b, ".TP\n\\fBset %s\\fR %s\n%s\n", escape(row.Name), escape(strings.Join(row.Values, "|")), line(row.Brief))
	}
	for _, t := range script.Topics() {
		fmt.Fprintf(&b, ".SH %s\n%s\n", strings.ToUpper(escape(t.Name)), line(t.Brief))
		example(&b, t.Text)
	}
	b.WriteString(".SH EXIT STATUS\n")
	example(&b, strings.TrimRight(script.ExitCodes(), "\n"))
	b.WriteString(".SH SEE ALSO\n.BR ferry\\-run (1),\n.BR ferry\\-shell (1)\n")
	return b.String()
}

func verb(b *strings.Builder, v *script.Verb) {
	fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s", escape(v.Usage()), line(v.Brief))
	if len(v.Aliases) > 0 {
		fmt.Fprintf(b, " (also: %s)", escape(strings.Join(v.Aliases, ", ")))
	}
	b.WriteString("\n")
	for _, f := range v.Flags {
		fmt.Fprintf(b, ".RS\n.TP\n\\fB%s\\fR \\fI%s\\fR\n%s\n.RE\n", escape(f.Name), escape(f.Arg), line(f.Brief))
	}
	text := v.Detail
	if len(v.Examples) > 0 {
		text = strings.TrimSpace(text + "\n" + strings.Join(v.Examples, "\n"))
	}
	if text != "" {
		b.WriteString(".RS\n")
		example(b, text)
		b.WriteString(".RE\n")
	}
}
