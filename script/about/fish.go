package about

import (
	"fmt"
	"strings"
)

// fish tells the place from the words that were typed before it.
func fish(root Page) string {
	var b strings.Builder
	b.WriteString(`# fish completion for ferry, made by: ferry completion fish
function __ferry_at
    set -l at ferry
    for word in (commandline -opc)[2..-1]
        switch "$at $word"
            case ` + fishPaths(root) + `
                set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
`)
	root.each(func(p Page) {
		at := fmt.Sprintf("complete -c ferry -n %s", fishQuoted("__ferry_at '"+strings.Join(p.Path, " ")+"'"))
		for _, sub := range p.Subs {
			fmt.Fprintf(&b, "%s -a %s -d %s\n", at, fishQuoted(sub.Path[len(sub.Path)-1]), fishQuoted(sub.Brief))
		}
		for _, o := range p.Options {
			fmt.Fprintf(&b, "%s%s -d %s\n", at, fishOption(o), fishQuoted(o.plain()))
		}
	})
	return b.String()
}

func fishOption(o Option) string {
	s := ""
	for _, n := range o.Names {
		if len(n) == 1 {
			s += " -s " + n
			continue
		}
		s += " -l " + n
	}
	switch {
	case len(o.choices()) > 0:
		s += " -x -a " + fishQuoted(strings.Join(o.choices(), " "))
	case o.Value != "":
		s += " -r"
	}
	return s
}

func fishPaths(root Page) string {
	var all []string
	root.each(func(p Page) {
		if len(p.Path) > 1 {
			all = append(all, fishQuoted(strings.Join(p.Path, " ")))
		}
	})
	return strings.Join(all, " ")
}

// fishQuoted: in fish's single quotes a backslash escapes itself and the quote.
func fishQuoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
