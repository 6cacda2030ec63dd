// Package panes is a full screen in three equal parts: what a person types,
// what client and server say to each other, and what the system answers. It
// stands on rivo/tview (events, mouse, paste, suspension) and gdamore/tcell
// (cells), and knows nothing of the shell that uses it.
//
//	screen.go     Open, Close; who draws when; terminal.go what stands between tview and tcell
//	layout.go     where the panes stand; draw.go, draw_input.go, draw_responses.go what they look like; style.go
//	keys.go       the table of keys; mouse.go and paste.go; foot.go and help.go show them
//	scroll.go     lines to scroll, filter, search and select; text.go their letters and colours
//	input.go      the line that is typed: edit.go, vi.go its keys, recall.go the history, menu.go completion
//	dialogue.go   the wire; transcripts
//	responses.go  output; block.go listings, laid out for each width; bars.go progress; ask.go questions
//	entry.go      what is typed at the bottom: search, filter, files; the clipboard
//	suspend.go    programs that want the terminal for themselves; guard.go mends it after a kill or a panic
//
// One mutex guards the screen. Events and drawing come on tview's goroutine;
// lines, questions, the dialogue and output come on the shell's and on those
// of its transfers, which change the screen and ask for a drawing.
//
// SECURITY: text is drawn cell by cell, and only in printable form. Nothing
// that came from a server, a file or a program is ever written to the terminal.
package panes
