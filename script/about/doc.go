// Package about is what ferry tells of itself: its version, what it was built
// from, manual pages, and completions for shells. All of it is read from the
// tables of commands, flags, verbs and settings, so nothing is written twice.
//
//	cli.go         version, man, completion; commands and flags as Pages
//	page.go        Page, Option
//	roff.go        a Page as man(7) has it
//	language.go    ferry-script(5): verbs, settings, topics
//	shells.go      completions for bash and zsh; fish.go, powershell.go
//	version.go     Version; sbom.go: the modules of a binary, in CycloneDX
package about
