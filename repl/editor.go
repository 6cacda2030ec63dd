package repl

import (
	"context"
	"io"
	"os"

	"ferry/script"
)

// editor reads lines from a person. Errors of all three: errInterrupted for
// ^C, io.EOF for ^D. The end of ctx is as ^C.
type editor interface {
	// Line reads a line of the language, with completion and history.
	Line(prompt string) (string, error)
	// Question reads an answer, with neither.
	Question(ctx context.Context, q question) (string, error)
	// Secret reads a line that is not shown.
	Secret(ctx context.Context, text string) (string, error)
	// Beside is output that leaves alone the line that is being typed.
	Beside() io.Writer
	// Width is how many columns the terminal has.
	Width() int
	// SetKeys chooses between the keys of emacs and vi.
	SetKeys(script.Keys)
	// Close gives the terminal back as it was. It may be called while a line
	// is read, which then ends with io.EOF.
	Close() error
}

// question is what is asked.
type question struct {
	line    string   // all of it, on one line
	text    string   // without the answers, for editors that show these as buttons
	answers []string // nil: any text is one
	preset  bool     // Enter alone means the first
	forAll  bool     // " all" may stand behind an answer
}

// completer tells what Tab at byte pos of line does.
type completer func(line string, pos int) completion

// completion is a line that is further than it was, or what it could become.
type completion struct {
	Line string
	Pos  int
	Menu []candidate // shown when there is a choice
	More int         // how many are left out of Menu
	at   script.Cursor
}

// suggester tells the rest of the likeliest line that begins with this one.
type suggester func(line string) string

// defaultWidth is for terminals that don't tell.
const defaultWidth = 80

// newEditor chooses: a terminal that can't move its cursor gets lines as the
// system reads them.
func newEditor(cfg Config, interrupts <-chan os.Signal, c completer, h *history) (editor, error) {
	if cfg.Terminal == Dumb {
		return newDumbEditor(cfg.Script.In, cfg.Script.Err, interrupts), nil
	}
	return newReadline(cfg, c, h)
}
