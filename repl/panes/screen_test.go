package panes

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"ferry/proto"
)

// stage is a screen that a test looks at, with somebody who reads lines.
type stage struct {
	*Screen
	t     *testing.T
	sim   tcell.SimulationScreen
	saved map[string]string
	dealt chan struct{} // lastKey came

	pasting bool

	mu         sync.Mutex
	lines      []string // that were entered
	interrupts int
}

// opened is a screen of a size, in colour or not.
func opened(t *testing.T, width, height int, colored bool) *stage {
	t.Helper()
	st := &stage{t: t, sim: tcell.NewSimulationScreen("UTF-8"), saved: map[string]string{}, dealt: make(chan struct{}, 1)}
	if err := st.sim.Init(); err != nil {
		t.Fatal(err)
	}
	st.sim.SetSize(width, height)
	var ticks atomic.Int64
	clock := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	st.Screen = On(st.sim, Config{
		Colored: func() bool { return colored },
		Status:  func() (string, Trust) { return "box: TLS", Private },
		Interrupt: func() {
			st.mu.Lock()
			defer st.mu.Unlock()
			st.interrupts++
		},
		Save: func(name string, text []byte) error {
			if st.saved[name] != "" {
				return errors.New("it exists")
			}
			st.saved[name] = string(text)
			return nil
		},
		Now: func() time.Time { return clock.Add(time.Duration(ticks.Add(1)) * time.Millisecond) },
	})
	st.app.SetInputCapture(func(ev *tcell.EventKey) *tcell.EventKey {
		if ev.Key() == lastKey {
			st.dealt <- struct{}{}
			return nil
		}
		return st.key(ev)
	})
	t.Cleanup(func() {
		if t.Failed() {
			st.look(func() { t.Logf("the screen:\n%s", st.text()) })
		}
		_ = st.Close()
	})
	return st
}

// reads reads lines until one is an error, which comes last in lines.
func (st *stage) reads(l Line) {
	go func() {
		for {
			text, err := st.Read(l)
			if err != nil {
				text = err.Error()
			}
			st.mu.Lock()
			st.lines = append(st.lines, text)
			st.mu.Unlock()
			if errors.Is(err, io.EOF) {
				return
			}
		}
	}()
	st.until("a prompt", func() bool { st.Screen.mu.Lock(); defer st.Screen.mu.Unlock(); return st.input.reading })
}

// entered waits for so many lines and returns the last one.
func (st *stage) entered(n int) string {
	st.t.Helper()
	var last string
	st.until("a line", func() bool {
		st.mu.Lock()
		defer st.mu.Unlock()
		if len(st.lines) >= n {
			last = st.lines[n-1]
		}
		return len(st.lines) >= n
	})
	return last
}

// press presses keys: runes of a string, or a tcell.Key.
func (st *stage) press(keys ...any) {
	st.t.Helper()
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			for _, r := range k {
				st.event(tcell.NewEventKey(tcell.KeyRune, r, 0))
			}
		case tcell.Key:
			st.event(tcell.NewEventKey(k, 0, 0))
		case *tcell.EventKey:
			st.event(k)
		}
	}
}

// event gives an event to the loop and waits until it is dealt with.
func (st *stage) event(ev tcell.Event) {
	st.t.Helper()
	st.app.QueueEvent(ev)
	if paste, ok := ev.(*tcell.EventPaste); ok {
		st.pasting = paste.Start()
	}
	if st.pasting {
		return // keys are text until its end
	}
	st.app.QueueEvent(tcell.NewEventKey(lastKey, 0, 0))
	select {
	case <-st.dealt:
	case <-time.After(60 * time.Second):
		st.t.Fatal("an event is never dealt with")
	}
}

// lastKey is a key that no keyboard has: all events before it are dealt with.
const lastKey = tcell.KeyF64

func alt(r rune) *tcell.EventKey { return tcell.NewEventKey(tcell.KeyRune, r, tcell.ModAlt) }

// text is what the screen shows, without blanks at the ends.
func (st *stage) text() string {
	cells, width, height := st.sim.GetContents()
	var b strings.Builder
	for y := range height {
		var row strings.Builder
		for x := 0; x < width; x++ {
			c := cells[y*width+x]
			text := string(c.Runes)
			if text == "" || text == "\x00" {
				text = " "
			}
			row.WriteString(text)
			x += max(columns(text)-1, 0)
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	return b.String()
}

func (st *stage) shows(text string) {
	st.t.Helper()
	st.until(text, func() bool { return strings.Contains(st.text(), text) })
}

func (st *stage) hides(text string) {
	st.t.Helper()
	st.until("no "+text, func() bool { return !strings.Contains(st.text(), text) })
}

func (st *stage) until(what string, holds func() bool) {
	st.t.Helper()
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var ok bool
		st.look(func() { ok = holds() })
		if ok {
			return
		}
		if time.Now().After(end) {
			st.t.Fatalf("never: %s", what)
		}
	}
}

// look runs f when nothing is being drawn.
func (st *stage) look(f func()) {
	seen := make(chan struct{})
	go st.app.QueueUpdateDraw(func() { f(); close(seen) })
	select {
	case <-seen:
	case <-st.gone:
		f()
	}
}

func TestThreeEqualPanes(t *testing.T) {
	for _, c := range []struct{ width, height, columns, rows int }{
		{80, 24, 80, 7}, {100, 40, 100, 13}, {200, 60, 66, 59}, {90, 10, 30, 9},
	} {
		st := opened(t, c.width, c.height, true)
		st.reads(Line{Prompt: "> "})
		st.shows("3 Responses")
		st.look(func() {
			for p, r := range st.rects {
				if r.width < c.columns || r.width > c.columns+1 || r.height < c.rows || r.height > c.rows+1 {
					t.Errorf("%dx%d: pane %d is %+v", c.width, c.height, p, r)
				}
			}
		})
		_ = st.Close()
	}
}

func TestSmallTerminalShowsOnePane(t *testing.T) {
	st := opened(t, 40, 8, true)
	st.reads(Line{Prompt: "> "})
	st.shows("1 Input")
	st.hides("2 Dialogue")
	st.press(tcell.KeyTab)
	st.shows("2 Dialogue")
	st.hides("1 Input")
}

func TestLinesAreReadAndStay(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "\x1b[1mbox\x1b[0m> "})
	st.press("ls grüße", tcell.KeyEnter)
	if got := st.entered(1); got != "ls grüße" {
		t.Errorf("%q", got)
	}
	st.shows("box> ls grüße")
	st.press(tcell.KeyCtrlD)
	if got := st.entered(2); got != "EOF" {
		t.Errorf("%q", got)
	}
}

func TestQuestionIsAnswered(t *testing.T) {
	st := opened(t, 80, 24, true)
	got := make(chan string, 1)
	go func() {
		text, err := st.Ask(context.Background(), Question{Text: "trust it?", Answers: []string{"no", "yes", "once"}, Default: true})
		if err != nil {
			text = err.Error()
		}
		got <- text
	}()
	st.shows("trust it?")
	st.shows(" once ")
	st.press(tcell.KeyRight, tcell.KeyEnter)
	if text := <-got; text != "yes" {
		t.Errorf("%q", text)
	}
	st.shows("trust it? yes")
}

func TestDialogueShowsBothSides(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.Trace(1, proto.FromClient, "USER anna")
	st.Trace(1, proto.FromServer, "331 Password")
	st.shows("→ USER anna")
	st.shows("← 331 Password")
}
