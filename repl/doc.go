// Package repl is the interactive shell: the language of package script with
// somebody at the terminal.
//
//	repl.go       Run: read a line, run it, say what failed
//	editor.go     line editing, behind a small interface
//	readline.go   the editor of chzyer/readline, input.go what it reads, paint.go what it draws
//	dumb.go       the editor of terminals that can only print
//	complete.go   what Tab offers; offers.go out of how many; remote.go the names at the server
//	history.go    what was typed, without secrets, shared by running shells
//	alive.go      signs of life while nothing is done
//	jobs.go       what runs beside, at the prompt
//	prompt.go     where one is, and whether that is private
//	ask.go        questions of the language, put to the person
//	conflict.go   the one about a name that exists
//	show.go       listings and pages; columns.go, color.go what they look like
//	meter.go      news of transfers; bars.go frames.go draw them (vbauerster/mpb)
//	silence.go    a server that does not answer
//	interrupt.go  ^C stops the verb, not the shell
//	plain.go      a prompt for verbs that are not the shell's
//	panes.go      the full screen: the same shell on package panes; panes_bars.go its bars
//	cli.go        the command line of `ferry shell`
//
// The goroutine that called Run owns the engine and the connection. While it
// waits for a line, the editor's goroutine completes in its stead, and a
// listing may run beside both; names.settle ends it before the next verb.
//
// A verb is the same code here and in a script. What differs is who answers
// questions and who hears of a failure: here a person does, so the shell goes
// on after one.
//
// When standard input is not a terminal nobody is there to answer, and the
// lines are run as `ferry run -` would run them.
package repl
