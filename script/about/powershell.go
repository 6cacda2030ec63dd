package about

import (
	"fmt"
	"strings"
)

// powershell looks the words up in two tables.
func powershell(root Page) string {
	var words, values strings.Builder
	root.each(func(p Page) {
		at := strings.Join(p.Path, " ")
		var offers []string
		for _, sub := range p.Subs {
			offers = append(offers, fmt.Sprintf("@(%s, %s)", psQuoted(sub.Path[len(sub.Path)-1]), psQuoted(sub.Brief)))
		}
		for _, o := range p.Options {
			for _, n := range o.written() {
				offers = append(offers, fmt.Sprintf("@(%s, %s)", psQuoted(n), psQuoted(o.plain())))
				if len(o.choices()) > 0 {
					fmt.Fprintf(&values, "    %s = @(%s)\n", psQuoted(at+" "+n), psList(o.choices()))
				}
			}
		}
		offers = append(offers, "@('--help', 'show help')")
		fmt.Fprintf(&words, "    %s = @(\n      %s\n    )\n", psQuoted(at), strings.Join(offers, ",\n      "))
	})
	return fmt.Sprintf(`# PowerShell completion for ferry, made by: ferry completion powershell
Register-ArgumentCompleter -Native -CommandName ferry -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $offers = @{
%s  }
  $values = @{
%s  }
  $typed = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $at = 'ferry'
  foreach ($word in $typed | Select-Object -Skip 1) {
    if ($offers.ContainsKey("$at $word")) { $at = "$at $word" }
  }
  $before = "$at $($typed[-1])"
  if ($values.ContainsKey($before)) {
    $values[$before] | Where-Object { $_ -like "$wordToComplete*" } |
      ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
    return
  }
  $offers[$at] | Where-Object { $_[0] -like "$wordToComplete*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterName', $_[1]) }
}
`, words.String(), values.String())
}

func psQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func psList(all []string) string {
	var q []string
	for _, s := range all {
		q = append(q, psQuoted(s))
	}
	return strings.Join(q, ", ")
}
