package about

import (
	"fmt"
	"strings"
)

// shells are those that completions are written for.
func shells() map[string]func(Page) string {
	return map[string]func(Page) string{"bash": bash, "zsh": zsh, "fish": fish, "powershell": powershell}
}

// quoted is a word in single quotes, as sh, bash and zsh take them.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// flags are all options of a command as they are typed.
func (p Page) flags() (all []string) {
	for _, o := range p.Options {
		all = append(all, o.written()...)
	}
	return append(all, "--help")
}

// offers are what may stand behind a command.
func (p Page) offers() []string { return append(p.words(), p.flags()...) }

// bash completes subcommands, flags and the values of flags that have a few;
// elsewhere files.
func bash(root Page) string {
	var path, values, words strings.Builder
	root.each(func(p Page) {
		at := strings.Join(p.Path, " ")
		if len(p.Path) > 1 {
			fmt.Fprintf(&path, "      %s) at=\"$at ${COMP_WORDS[i]}\" ;;\n", quoted(at))
		}
		fmt.Fprintf(&words, "    %s) words=%s ;;\n", quoted(at), quoted(strings.Join(p.offers(), " ")))
		for _, o := range p.Options {
			for _, n := range o.written() {
				switch {
				case len(o.choices()) > 0:
					fmt.Fprintf(&values, "    %s) COMPREPLY=($(compgen -W %s -- \"$cur\")); return ;;\n", quoted(at+" "+n), quoted(strings.Join(o.choices(), " ")))
				case o.Value != "":
					fmt.Fprintf(&values, "    %s) return ;;\n", quoted(at+" "+n))
				}
			}
		}
	})
	return fmt.Sprintf(`# bash completion for ferry, made by: ferry completion bash
_ferry() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at=ferry i words=
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at ${COMP_WORDS[i]}" in
%s    esac
  done
  case "$at $prev" in
%s  esac
  case "$at" in
%s  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _ferry ferry
`, path.String(), values.String(), words.String())
}

// zsh is the same with the texts beside the words.
func zsh(root Page) string {
	var path, values, words strings.Builder
	root.each(func(p Page) {
		at := strings.Join(p.Path, " ")
		if len(p.Path) > 1 {
			fmt.Fprintf(&path, "      %s) at=\"$at $words[i]\" ;;\n", quoted(at))
		}
		var offers []string
		for _, sub := range p.Subs {
			offers = append(offers, described(sub.Path[len(sub.Path)-1], sub.Brief))
		}
		for _, o := range p.Options {
			for _, n := range o.written() {
				offers = append(offers, described(n, o.plain()))
				switch {
				case len(o.choices()) > 0:
					fmt.Fprintf(&values, "    %s) compadd -- %s; return ;;\n", quoted(at+" "+n), strings.Join(o.choices(), " "))
				case o.Value != "":
					fmt.Fprintf(&values, "    %s) _files; return ;;\n", quoted(at+" "+n))
				}
			}
		}
		offers = append(offers, described("--help", "show help"))
		fmt.Fprintf(&words, "    %s) offers=(%s) ;;\n", quoted(at), strings.Join(offers, " "))
	})
	return fmt.Sprintf(`#compdef ferry
# zsh completion for ferry, made by: ferry completion zsh
_ferry() {
  local at=ferry i
  local -a offers
  for ((i = 2; i < CURRENT; i++)); do
    case "$at $words[i]" in
%s    esac
  done
  case "$at $words[CURRENT-1]" in
%s  esac
  case "$at" in
%s  esac
  _describe 'ferry' offers
  [[ $PREFIX == -* ]] || _files
}
if [[ $funcstack[1] == _ferry ]]; then _ferry "$@"; else compdef _ferry ferry; fi
`, path.String(), values.String(), words.String())
}

// described is a word and its text as _describe reads them.
func described(word, text string) string {
	return quoted(strings.ReplaceAll(word, ":", `\:`) + ":" + text)
}
