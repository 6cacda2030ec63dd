package panes

import (
	"encoding/base64"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/gdamore/tcell/v2"
)

// kept is a terminal as tview must see it.
type kept struct {
	tcell.Screen

	// of the one who polls
	pasting bool
	ended   bool // a line was, by a carriage return

	mu   sync.Mutex
	gone bool
}

// Init does nothing: the terminal is initialized.
func (k *kept) Init() error { return nil }

// EnableMouse asks for buttons and what is dragged. Every other movement would
// only be ignored.
func (k *kept) EnableMouse(...tcell.MouseFlags) {
	k.Screen.EnableMouse(tcell.MouseButtonEvents | tcell.MouseDragEvents)
}

// Fini gives the terminal back.
func (k *kept) Fini() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gone = true
	k.Screen.Fini()
}

// SetClipboard is tcell's, which leaves out terminals by the name of screen:
// many a tmux goes by that name, and has a clipboard.
func (k *kept) SetClipboard(text []byte) {
	tty, ok := k.Tty()
	if !ok || !strings.HasPrefix(os.Getenv("TERM"), "screen") {
		k.Screen.SetClipboard(text)
		return
	}
	_, _ = io.WriteString(tty, "\x1b]52;c;"+base64.StdEncoding.EncodeToString(text)+"\x1b\\")
}

// Sync draws everything again. Tcell never comes back from it when the
// terminal is gone: a screen of no size has no last column.
func (k *kept) Sync() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.gone {
		k.Screen.Sync()
	}
}

// PollEvent makes the line feeds of what is pasted into the Enter that tview
// takes for the end of a line, unless one of these stands before.
func (k *kept) PollEvent() tcell.Event {
	for {
		ev := k.Screen.PollEvent()
		if paste, ok := ev.(*tcell.EventPaste); ok {
			k.pasting, k.ended = paste.Start(), false
		}
		key, ok := ev.(*tcell.EventKey)
		if !ok || !k.pasting {
			return ev
		}
		ended := k.ended
		k.ended = key.Key() == tcell.KeyEnter
		switch {
		case key.Key() != tcell.KeyCtrlJ:
			return ev
		case !ended:
			return tcell.NewEventKey(tcell.KeyEnter, 0, 0)
		}
	}
}
