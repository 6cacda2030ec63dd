package panes

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"
)

// ErrInterrupted is ^C at a line or a question.
var ErrInterrupted = errors.New("interrupted")

// Config is what a screen wants to know of its shell. All but the zero value
// of a field may be called from any goroutine, and must return soon.
type Config struct {
	Colored   func() bool                          // whether there are colours now; nil: none
	Status    func() (text string, trust Trust)    // where one is; called by the goroutine that reads lines
	Interrupt func()                               // ^C while something runs
	Save      func(name string, text []byte) error // writes a new file; nil: nothing can be saved
	Stop      func()                               // what ^Z does once the terminal is given back; nil: nothing
	Guard     []string                             // the command that runs Guard; nil: none
	Now       func() time.Time                     // nil: time.Now
}

// Trust is how private the connection is.
type Trust int

const (
	NoConnection Trust = iota
	InClear
	Private
	Lost
)

// pane is one of the three.
type pane int

const (
	inputPane pane = iota
	dialoguePane
	responsesPane
	paneCount
)

// Screen is the three panes. Its methods may be called from any goroutine.
type Screen struct {
	cfg    Config
	app    *tview.Application
	screen tcell.Screen
	glyphs glyphs
	guard  *guard

	begun  chan struct{} // closed when the first drawing begins
	news   chan struct{} // something is to be drawn
	drawn  chan struct{} // closed when nobody draws any more
	closed chan struct{} // closed when the screen goes
	gone   chan struct{} // closed when the terminal is as it was
	one    chan struct{} // holds who asks
	once   sync.Once     // closes closed
	first  sync.Once     // closes begun
	last   sync.Once     // stops app, which can't be done twice

	mu        sync.Mutex // all that follows
	palette   palette
	focus     pane
	zoomed    bool
	layout    arrangement
	rects     [paneCount]rect
	input     input
	dialogue  dialogue
	responses responses
	asking    *asking // nil: no question
	entry     *entry  // nil: nothing is typed at the bottom
	help      *scroll // nil: the keys are not shown
	message   string  // at the bottom, until the next key
	status    string
	trust     Trust
	dragging  pane // where the mouse went down, -1 for nowhere
}

// Open takes the terminal over. Close gives it back.
func Open(cfg Config) (*Screen, error) {
	defer utf8Locale()()
	g := startGuard(cfg.Guard)
	screen, err := tcell.NewScreen()
	if err != nil {
		g.end()
		return nil, fmt.Errorf("the terminal %q can't be used for --panes: %w", os.Getenv("TERM"), err)
	}
	g.tell(engaged)
	if err := screen.Init(); err != nil {
		g.end()
		return nil, fmt.Errorf("the terminal can't be used for --panes: %w", err)
	}
	return on(screen, cfg, g), nil
}

// utf8Locale makes the terminal one of UTF-8 where nothing says what it is.
// Undo takes the variable away again: commands must not see it.
func utf8Locale() (undo func()) {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if os.Getenv(name) != "" {
			return func() {}
		}
	}
	os.Setenv("LC_CTYPE", "C.UTF-8")
	return func() { os.Unsetenv("LC_CTYPE") }
}

// On uses a terminal that is initialized.
func On(screen tcell.Screen, cfg Config) *Screen { return on(screen, cfg, &guard{}) }

func on(screen tcell.Screen, cfg Config, g *guard) *Screen {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Colored == nil {
		cfg.Colored = func() bool { return false }
	}
	s := &Screen{
		cfg: cfg, app: tview.NewApplication(), screen: &kept{Screen: screen}, guard: g, glyphs: asciiGlyphs(), palette: newPalette(cfg.Colored()),
		begun: make(chan struct{}), one: make(chan struct{}, 1), news: make(chan struct{}, 1), drawn: make(chan struct{}), closed: make(chan struct{}), gone: make(chan struct{}),
		dragging: -1,
	}
	if screen.CharacterSet() == "UTF-8" {
		s.glyphs = unicodeGlyphs()
	}
	s.input = newInput()
	s.dialogue = newDialogue(s)
	s.responses = responses{scroll: newScroll(2), screen: s}
	s.app.SetScreen(s.screen).EnableMouse(true).EnablePaste(true)
	s.app.SetRoot(&desk{Box: tview.NewBox(), Screen: s}, true)
	s.app.SetInputCapture(s.key)
	go s.run()
	go s.draw()
	return s
}

// run is tview's loop of events. It restores the terminal when it panics.
func (s *Screen) run() {
	defer close(s.gone)
	_ = s.app.Run()
	s.once.Do(func() { close(s.closed) }) // the terminal is gone
}

// changed asks for a drawing.
func (s *Screen) changed() {
	select {
	case s.news <- struct{}{}:
	default: // it will be drawn
	}
}

// draw draws what is new, not more often than somebody can see.
func (s *Screen) draw() {
	defer close(s.drawn)
	for {
		select {
		case <-s.news:
			updated := make(chan struct{})
			go func() {
				s.app.QueueUpdateDraw(func() {})
				close(updated)
			}()
			select {
			case <-updated:
			case <-s.closed:
				return
			}
			time.Sleep(redrawPause)
		case <-s.closed:
			return
		}
	}
}

// Close gives the terminal back as it was, and ends whatever waits for a
// person with io.EOF. It may be called again, and at any time.
func (s *Screen) Close() error {
	s.once.Do(func() { close(s.closed) })
	s.last.Do(func() {
		<-s.drawn
		select {
		case <-s.begun: // tview would open a terminal of its own if it were stopped before
			s.app.Stop()
		case <-s.gone:
		}
	})
	<-s.gone
	s.guard.end()
	return nil
}

// Closed is closed when the screen goes.
func (s *Screen) Closed() <-chan struct{} { return s.closed }

// Width is how many columns the responses have.
func (s *Screen) Width() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrange()
	return max(s.rects[responsesPane].width-2, 1)
}

// Place tells where one is between two lines, such as before a password.
func (s *Screen) Place(text string, trust Trust) {
	s.change(func() { s.status, s.trust = label(text), trust })
}

// change changes the screen and shows it.
func (s *Screen) change(f func()) {
	s.mu.Lock()
	f()
	s.mu.Unlock()
	s.changed()
}
