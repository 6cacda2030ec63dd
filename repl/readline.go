package repl

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/chzyer/readline"

	"ferry/script"
)

// readlineEditor is the editor of github.com/chzyer/readline. Readline edits
// the line and searches the history. Completion, the dim suggestion, secrets,
// the place of the cursor and the history on disk are ours, hung on the hooks
// that it has for every key: its own menu fails with names wider than the
// screen, its password mode forgets the history, and its cursor takes wide
// characters for narrow ones.
type readlineEditor struct {
	rl      *readline.Instance
	in      *input
	err     io.Writer
	history *history
	paint   *painter
	color   Color

	complete completer
	suggest  suggester

	past  sync.Mutex // readline's history, and:
	shown int        // lines of the history that it has

	mu      sync.Mutex
	reading bool // a line is being typed
	mode    mode
	last    int // place of the cursor after the last key
	length  int // of the line then
}

// mode is what is being typed.
type mode int

const (
	command mode = iota
	answering
	secret
)

func newReadline(cfg Config, c completer, h *history) (*readlineEditor, error) {
	e := &readlineEditor{
		in: newInput(cfg.Script.In), err: cfg.Script.Err, history: h, complete: c, suggest: h.suggest, color: cfg.Color,
	}
	e.paint = &painter{editor: e}
	out := cfg.Script.Out
	if cfg.Terminal == OnlyErr {
		out = cfg.Script.Err
	}
	rl, err := readline.NewEx(&readline.Config{
		HistoryLimit:           maxHistory,
		DisableAutoSaveHistory: true, // history decides: secrets are not kept
		HistorySearchFold:      true,
		Listener:               readline.FuncListener(e.key),
		AutoComplete:           noTab{},
		Painter:                e.paint,
		FuncFilterInputRune:    e.filter,
		FuncGetWidth:           screenWidth,
		InterruptPrompt:        "^C",
		EOFPrompt:              "\n",
		Stdin:                  e.in,
		Stdout:                 &screen{out},
		Stderr:                 cfg.Script.Err,
	})
	if err != nil {
		return nil, err
	}
	e.rl = rl
	return e, nil
}

func (e *readlineEditor) Line(prompt string) (string, error) {
	e.recall()
	return e.read(context.Background(), prompt, command)
}

// recall gives readline what was typed since, here and in other shells.
func (e *readlineEditor) recall() {
	e.past.Lock()
	defer e.past.Unlock()
	lines := e.history.since(&e.shown)
	if len(lines) > 0 {
		_ = e.rl.SaveHistory("") // from the line that is looked at back to the newest
	}
	for _, line := range lines {
		_ = e.rl.SaveHistory(line) // in memory: readline has no file
	}
}

func (e *readlineEditor) Question(ctx context.Context, q question) (string, error) {
	return e.read(ctx, q.line, answering)
}

func (e *readlineEditor) Secret(ctx context.Context, text string) (string, error) {
	return e.read(ctx, text, secret)
}

// read reads a line. The end of ctx is ^C.
func (e *readlineEditor) read(ctx context.Context, prompt string, m mode) (string, error) {
	e.in.Release()
	defer context.AfterFunc(ctx, func() { e.in.Press(readline.CharInterrupt) })()
	e.mu.Lock()
	e.mode, e.last, e.length, e.reading = m, 0, 0, true
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		e.reading = false
		e.mu.Unlock()
	}()
	prompt = e.lastLine(prompt)
	e.paint.setPrompt(prompt)
	e.rl.SetPrompt(prompt)
	line, err := e.rl.Readline()
	if errors.Is(err, io.EOF) {
		return "", io.EOF // there was no line, and after Close readline is still at work
	}
	// SECURITY: readline remembers what was typed until the next line is
	// saved; the arrow keys would show a password. An empty line clears that.
	e.past.Lock()
	_ = e.rl.SaveHistory("")
	e.past.Unlock()
	if errors.Is(err, readline.ErrInterrupt) {
		return "", errInterrupted
	}
	return line, err
}

// lastLine writes what of a question does not fit on the line of its answer:
// readline draws a prompt of several rows again with each key.
func (e *readlineEditor) lastLine(prompt string) string {
	room := e.Width() - answerRoom
	if width(prompt) <= room || strings.Contains(prompt, "\x1b") {
		return prompt
	}
	parts := wrapped(strings.TrimRight(prompt, " "), room, 0)
	for _, part := range parts[:len(parts)-1] {
		_, _ = io.WriteString(e.err, part+"\n")
	}
	return parts[len(parts)-1] + " "
}

func (e *readlineEditor) Beside() io.Writer { return beside{e} }

// beside draws the line again behind what is written. Readline does so for a
// moment longer than the line is read, and would leave prompts in the output;
// and it does not yet do so in the moment between its first drawing of the
// prompt and its first look at the keys: there the text would stand behind the
// prompt, and none below it.
type beside struct{ *readlineEditor }

func (b beside) Write(p []byte) (int, error) {
	for give := time.Now().Add(maxDrawing); b.isReading(); time.Sleep(time.Millisecond) {
		if b.rl.Terminal.IsReading() || time.Now().After(give) {
			return b.rl.Stderr().Write(p)
		}
	}
	return b.err.Write(p)
}

func (e *readlineEditor) isReading() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.reading
}

// Reprompt changes the prompt of the line that is typed: it shows with what is
// written next.
func (e *readlineEditor) Reprompt(prompt string) {
	e.paint.setPrompt(prompt)
	e.rl.SetPrompt(prompt)
}

func (e *readlineEditor) Width() int { return screenWidth() }

func (e *readlineEditor) SetKeys(k script.Keys) {
	if vi := k == script.Vi; vi != e.rl.IsVimMode() {
		e.rl.SetVimMode(vi)
	}
}

// Close wakes the reader first: readline waits for it and doesn't wake it.
func (e *readlineEditor) Close() error {
	_ = e.in.Close()
	return e.rl.Close()
}

func screenWidth() int {
	if w := readline.GetScreenWidth(); w > 0 {
		return w
	}
	return defaultWidth
}

func (e *readlineEditor) typing() mode {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.mode
}

// empty reports whether nothing is typed.
func (e *readlineEditor) empty() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.length == 0
}

// filter sees each key before readline does.
//
// SECURITY: of a password nothing reaches readline's kill ring, search or
// history, all of which could show it later.
func (e *readlineEditor) filter(key rune) (rune, bool) {
	switch {
	case key == readline.CharCtrlZ:
		e.suspend()
		return key, false
	case e.typing() == command:
		if key == readline.CharBckSearch && !e.rl.Operation.IsSearchMode() || key == readline.CharPrev && e.empty() {
			e.recall() // others may have typed since the prompt came
		}
		return key, true
	case key == readline.CharCtrlU:
		e.rl.Operation.SetBuffer("")
		return key, false
	case key >= ' ', key == 0: // 0 is the end of the input
		return key, true
	}
	switch key {
	case readline.CharEnter, readline.CharCtrlJ, readline.CharInterrupt, readline.CharDelete,
		readline.CharCtrlH, readline.CharBackspace:
		return key, true
	case readline.CharBackward, readline.CharForward, readline.CharLineStart, readline.CharLineEnd:
		return key, e.typing() == answering
	}
	return key, false
}

// suspend stops the process as ^Z does elsewhere. Readline's own way stops the
// parent too.
func (e *readlineEditor) suspend() {
	e.rl.Clean()
	_ = e.rl.Terminal.ExitRawMode()
	stopProcess()
	_ = e.rl.Terminal.EnterRawMode()
	e.rl.Refresh()
}

// key sees the line after each key, and may change it.
func (e *readlineEditor) key(line []rune, pos int, key rune) ([]rune, int, bool) {
	e.mu.Lock()
	before, m := e.last, e.mode
	e.last, e.length = pos, len(line)
	e.mu.Unlock()
	if m != command || len(line) == 0 && key != readline.CharTab {
		return nil, 0, false
	}
	switch key {
	case readline.CharTab:
		return e.tab(string(line), len(string(line[:pos])))
	case readline.CharForward, readline.CharLineEnd:
		if rest := e.suggest(string(line)); rest != "" && before == len(line) && pos == len(line) {
			line = append(line, []rune(rest)...)
			e.mu.Lock()
			e.last = len(line)
			e.mu.Unlock()
			return line, len(line), true
		}
	}
	return nil, 0, false
}

func (e *readlineEditor) tab(line string, pos int) ([]rune, int, bool) {
	c := e.complete(line, pos)
	if len(c.Menu) > 0 {
		writeMenu(e.Beside(), c, e.Width(), e.color)
	}
	if c.Line == line {
		return nil, 0, false
	}
	return []rune(c.Line), len([]rune(c.Line[:c.Pos])), true
}

// noTab keeps readline's own completion from doing anything: key does it.
type noTab struct{}

func (noTab) Do([]rune, int) ([][]rune, int) { return nil, 0 }
