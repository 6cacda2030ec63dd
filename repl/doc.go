// Package repl is the interactive shell: the language of package script with
// somebody at the terminal.
//
//	repl.go       Run: read a line, run it, say what failed
//	editor.go     line editing, behind a small interface (readline)
//	complete.go   what Tab offers
//	history.go    the history on disk, without secrets
//	prompt.go     where one is, and whether that is private
//	ask.go        questions of the language, put to the person
//	interrupt.go  ^C stops the verb, not the shell
//	cli.go        the command line of `ferry shell`
//
// A verb is the same code here and in a script. What differs is who answers
// questions and who hears of a failure: here a person does, so the shell goes
// on after one.
//
// When standard input is not a terminal nobody is there to answer, and the
// lines are run as `ferry run -` would run them.
package repl
