package panes

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"ferry/proto"
)

// asks puts a question beside the test and returns where its answer comes.
func (st *stage) asks(q Question) <-chan string {
	st.t.Helper()
	got := make(chan string, 1)
	go func() {
		text, err := st.Ask(context.Background(), q)
		if err != nil {
			text = err.Error()
		}
		got <- text
	}()
	st.until(q.Text, func() bool {
		st.Screen.mu.Lock()
		defer st.Screen.mu.Unlock()
		return st.asking != nil && st.asking.Text == q.Text
	})
	return got
}

// styleAt is how the first cell of a text looks.
func (st *stage) styleAt(text string) (style tcell.Style) {
	st.t.Helper()
	st.shows(text)
	st.look(func() {
		for y, row := range strings.Split(st.text(), "\n") {
			if before, _, ok := strings.Cut(row, text); ok {
				_, style, _ = st.sim.Get(columns(before), y)
				return
			}
		}
	})
	return style
}

func (st *stage) clipboard() (text string) {
	st.look(func() { text = string(st.sim.GetClipboardData()) })
	return text
}

func (st *stage) click(x, y int) {
	st.t.Helper()
	st.event(tcell.NewEventMouse(x, y, tcell.Button1, 0))
	st.event(tcell.NewEventMouse(x, y, tcell.ButtonNone, 0))
}

func someVerbs(line string, pos int) Completion {
	var c Completion
	c.Line, c.Pos = line, pos
	for _, verb := range []string{"get", "glob", "grüße"} {
		if strings.HasPrefix(verb, line[:pos]) {
			c.Menu = append(c.Menu, Choice{Text: verb, Line: verb + " ", Pos: len(verb) + 1})
		}
	}
	if len(c.Menu) == 1 {
		c.Line, c.Pos, c.Menu = c.Menu[0].Line, c.Menu[0].Pos, nil
	}
	return c
}

func TestCompletionMenu(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> ", Complete: someVerbs})
	st.press("g", tcell.KeyTab)
	st.shows(" get     glob    grüße")
	st.press(tcell.KeyTab, tcell.KeyTab)
	st.shows("▸glob")
	st.press(tcell.KeyBacktab)
	st.shows("▸get")
	st.press(tcell.KeyTab, tcell.KeyTab, tcell.KeyEnter)
	st.hides("▸")
	st.press("x", tcell.KeyEnter)
	if got := st.entered(1); got != "grüße x" {
		t.Errorf("%q", got)
	}
	st.press("ge", tcell.KeyTab)
	st.shows("> get ")
	st.press("it", tcell.KeyEnter)
	if got := st.entered(2); got != "get it" {
		t.Errorf("%q", got)
	}
	st.press("g", tcell.KeyTab)
	st.shows("glob")
	st.press("e") // a letter closes it, and is typed
	st.hides("glob")
	st.shows("> ge")
	st.press("xyz", tcell.KeyTab)
	st.shows("nothing completes this")
}

func TestClickTakesAChoice(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> ", Complete: someVerbs})
	st.press("g", tcell.KeyTab)
	st.shows(" glob ")
	var at rect
	st.look(func() { at = st.input.menu.places[1] })
	st.click(at.x, at.y)
	st.shows("> glob ")
}

// A completion that takes long is for the line that it was asked for.
func TestLateCompletionIsDropped(t *testing.T) {
	st := opened(t, 80, 24, true)
	ask, go_ := make(chan struct{}), make(chan struct{})
	st.reads(Line{Prompt: "> ", Complete: func(line string, pos int) Completion {
		ask <- struct{}{}
		<-go_
		return Completion{Line: line + "LATE", Pos: pos}
	}})
	st.press("g", tcell.KeyTab)
	<-ask
	st.press("x")
	st.shows("> gx")
	close(go_)
	st.press(tcell.KeyEnter)
	if got := st.entered(1); got != "gx" {
		t.Errorf("%q", got)
	}
}

func TestSuggestionIsDimAndTaken(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> ", Suggest: func(line string) string { return strings.TrimPrefix("get notes.txt", line) }})
	st.press("get")
	if style := st.styleAt("notes.txt"); style != st.palette.dim {
		t.Errorf("%v", style)
	}
	// Without colours it is the attribute that tells it from what is typed.
	if _, _, attributes := newPalette(false).dim.Decompose(); attributes&tcell.AttrDim == 0 {
		t.Error("without colours nothing is dim")
	}
	if typed := st.styleAt("> get"); typed == st.palette.dim {
		t.Error("what is typed looks like what is suggested")
	}
	st.press(tcell.KeyRight, tcell.KeyEnter)
	if got := st.entered(1); got != "get notes.txt" {
		t.Errorf("%q", got)
	}
	st.press("get", tcell.KeyEnter) // not taken
	if got := st.entered(2); got != "get" {
		t.Errorf("%q", got)
	}
}

func TestHistory(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> ", History: func() []string { return []string{"open box", "get one", "ls -l"} }})
	st.press("typed", tcell.KeyUp, tcell.KeyUp)
	st.shows("> get one")
	st.press(tcell.KeyDown, tcell.KeyDown, tcell.KeyDown)
	st.shows("> typed")
	st.press(tcell.KeyUp, tcell.KeyUp, tcell.KeyUp, tcell.KeyUp, tcell.KeyEnter)
	if got := st.entered(1); got != "open box" {
		t.Errorf("%q", got)
	}
}

func TestHistoryIsSearched(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> ", History: func() []string { return []string{"open box", "get ONE", "get two", "ls -l"} }})
	st.press(tcell.KeyCtrlR, "ge")
	st.shows("search: ge get two")
	st.press(tcell.KeyCtrlR)
	st.shows("search: ge get ONE")
	st.press(tcell.KeyBackspace2, tcell.KeyBackspace2, "one", tcell.KeyEnter)
	if got := st.entered(1); got != "get ONE" {
		t.Errorf("%q", got)
	}
	st.press("mine", tcell.KeyCtrlR, "open", tcell.KeyCtrlG)
	st.shows("> mine")
}

func TestTypedAhead(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.shows("1 Input")
	st.press("first", tcell.KeyEnter, "second", tcell.KeyEnter, "rest")
	st.shows("2 typed ahead")
	st.shows("then: rest")
	st.reads(Line{Prompt: "> "})
	if got := st.entered(1) + " " + st.entered(2); got != "first second" {
		t.Error(got)
	}
	st.shows("> rest")
}

func TestInterrupt(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.shows("1 Input")
	st.press("get big", tcell.KeyEnter, tcell.KeyCtrlC)
	st.mu.Lock()
	if st.interrupts != 1 {
		t.Error(st.interrupts, "interrupts")
	}
	st.mu.Unlock()
	st.hides("typed ahead") // what was to come after it is not wanted either
	st.reads(Line{Prompt: "> "})
	st.press("half a line", tcell.KeyCtrlC)
	if got := st.entered(1); got != ErrInterrupted.Error() {
		t.Error(got)
	}
	st.shows("> half a line^C")
}

func TestLeavingWhileSomethingRuns(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.shows("1 Input")
	st.press(tcell.KeyCtrlD)
	st.shows("something runs: ^C stops it")
}

func TestCloseEndsWhatWaits(t *testing.T) {
	st := opened(t, 80, 24, true)
	ended := make(chan error, 2)
	go func() { _, err := st.Read(Line{}); ended <- err }()
	go func() { _, err := st.Ask(context.Background(), Question{Text: "sure?"}); ended <- err }()
	st.shows("sure?")
	for range 2 {
		go st.Close() // from anywhere, and twice
	}
	for range 2 {
		if err := <-ended; err != io.EOF {
			t.Error(err)
		}
	}
	_ = st.Close()
	st.Trace(1, proto.FromClient, "NOOP") // nothing waits for a screen that is gone
	fmt.Fprintln(st.Responses(), "late")
	if err := st.Run(func() error { return nil }); err == nil {
		t.Error("a program has run on a terminal that is gone")
	}
}

func TestQuestionEndsWithItsContext(t *testing.T) {
	st := opened(t, 80, 24, true)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, err := st.Ask(ctx, Question{Text: "sure?"}); ended <- err }()
	st.shows("sure?")
	cancel()
	if err := <-ended; err != ErrInterrupted {
		t.Error(err)
	}
	st.shows("sure? ^C")
}

func TestAnswers(t *testing.T) {
	conflict := Question{Text: "what now?", Answers: []string{"overwrite", "skip", "rename"}, ForAll: true}
	choice := Question{Text: "sure?", Answers: []string{"no", "yes"}, Default: true}
	for i, c := range []struct {
		q    Question
		keys []any
		want string
	}{
		{choice, []any{tcell.KeyEnter}, "no"},
		{choice, []any{tcell.KeyLeft, tcell.KeyEnter}, "yes"},
		{choice, []any{"y", tcell.KeyEnter}, "y"},
		{choice, []any{tcell.KeyCtrlC}, "interrupted"},
		{choice, []any{tcell.KeyCtrlD}, "interrupted"},
		{conflict, []any{tcell.KeyEnter}, ""},
		{conflict, []any{tcell.KeyRight, tcell.KeyRight, tcell.KeyEnter}, "skip"},
		{conflict, []any{" ", "s", tcell.KeyEnter}, "s all"},
		{conflict, []any{" ", tcell.KeyTab, tcell.KeyEnter}, "overwrite all"},
		{conflict, []any{" ", tcell.KeyEnter}, ""},
		{conflict, []any{" ", " ", "ren all", tcell.KeyEnter}, "ren all"},
		{Question{Text: "Name:"}, []any{"anna b", tcell.KeyLeft, "x", tcell.KeyEnter}, "anna xb"},
	} {
		st := opened(t, 80, 24, true)
		got := st.asks(c.q)
		st.press(c.keys...)
		if text := <-got; text != c.want {
			t.Errorf("%d: %q, not %q", i, text, c.want)
		}
		_ = st.Close()
	}
}

func TestButtonsAreClicked(t *testing.T) {
	st := opened(t, 80, 24, true)
	got := st.asks(Question{Text: "what now?", Answers: []string{"overwrite", "skip"}, ForAll: true})
	places := func(i int) (r rect) {
		st.look(func() { r = st.asking.places[i] })
		return r
	}
	all := places(2)
	st.click(all.x, all.y)
	st.shows("■ for all")
	skip := places(1)
	st.click(skip.x+1, skip.y)
	if text := <-got; text != "skip all" {
		t.Errorf("%q", text)
	}
}

// In a window that is too small for a question the chosen answer is seen, and
// what is typed.
func TestQuestionsInSmallWindows(t *testing.T) {
	st := opened(t, 20, 5, true)
	got := st.asks(Question{Text: "what shall become of it?", Answers: []string{"overwrite", "skip", "rename", "newer", "difference"}, ForAll: true})
	st.shows("  of it?")
	st.shows("overwrite")
	for range 5 {
		st.press(tcell.KeyRight)
	}
	st.shows("[difference]")
	st.hides("overwrite")
	st.look(func() {
		if r := st.asking.places[0]; r != (rect{}) {
			t.Errorf("a button that nobody sees is at %v", r)
		}
		if r, at := st.asking.places[4], strings.Index(strings.Split(st.text(), "\n")[2], "[difference]"); at < 0 || r.y != 2 {
			t.Errorf("[difference] is at %v", r)
		}
	})
	for _, size := range [][2]int{{20, 4}, {20, 3}, {1, 1}, {1, 5}, {3, 4}, {4, 4}, {0, 0}, {20, 5}} {
		st.sim.SetSize(size[0], size[1])
		st.event(tcell.NewEventResize(size[0], size[1]))
	}
	st.press("ski")
	st.shows("  of it? ski")
	st.press(tcell.KeyEnter)
	if text := <-got; text != "ski" {
		t.Errorf("%q", text)
	}
}

// A password is nowhere: not on the screen, not in what can be recalled.
func TestSecretIsNotShown(t *testing.T) {
	st := opened(t, 80, 24, true)
	got := st.asks(Question{Text: "Password:", Secret: true})
	st.press("canary")
	st.event(tcell.NewEventKey(tcell.KeyCtrlU, 0, 0))
	st.press("canary-2")
	st.hides("canary")
	st.press(tcell.KeyEnter)
	if text := <-got; text != "canary-2" {
		t.Errorf("%q", text)
	}
	st.shows("Password: (not shown)")
	st.reads(Line{Prompt: "> "})
	st.press(tcell.KeyCtrlY, tcell.KeyUp)
	st.hides("canary")
}

func TestQuestionTakesTheFocusAndGivesItBack(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.shows("1 Input")
	st.press(tcell.KeyF3, tcell.KeyF5)
	st.shows("zoomed")
	got := st.asks(Question{Text: "sure?", Answers: []string{"no", "yes"}, Default: true})
	st.hides("2 Dialogue")
	st.press(tcell.KeyEnter)
	<-got
	st.shows("2 Dialogue")
	got = st.asks(Question{Text: "again?", Answers: []string{"no", "yes"}, Default: true})
	st.press(tcell.KeyF3) // one may look at the dialogue first
	st.press("y")         // which is no answer there
	st.hides("again?")
	st.press(tcell.KeyF4, tcell.KeyEnter)
	if text := <-got; text != "no" {
		t.Errorf("%q", text)
	}
}

func TestFocusGoesAround(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> "})
	for _, c := range []struct {
		key  any
		want string
	}{
		{tcell.KeyTab, "┏━ 2"}, {tcell.KeyTab, "┏━ 3"}, {tcell.KeyTab, "┏━ 1"}, {tcell.KeyBacktab, "┏━ 3"},
		{tcell.KeyF2, "┏━ 1"}, {tcell.KeyF3, "┏━ 2"}, {tcell.KeyF4, "┏━ 3"}, {tcell.KeyEscape, "┏━ 1"},
	} {
		st.press(c.key)
		st.shows(c.want)
	}
	st.press("text", tcell.KeyTab) // completes, and does not go away
	st.shows("┏━ 1")
	var r rect
	st.look(func() { r = st.rects[dialoguePane] })
	st.click(r.x+3, r.y+2)
	st.shows("┏━ 2")
	st.press("x")
	st.shows("to type, go back to the input")
}

func TestZoom(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.shows("1 Input")
	st.press(tcell.KeyF4, tcell.KeyF5)
	st.hides("2 Dialogue")
	st.press(tcell.KeyTab)
	st.shows("1 Input")
	st.hides("3 Responses")
	st.press(tcell.KeyF5)
	st.shows("3 Responses")
	st.look(func() { st.mouse(tview.MouseLeftDoubleClick, 5, 0) }) // the title
	st.hides("3 Responses")
}

func TestResizeKeepsEverything(t *testing.T) {
	st := opened(t, 200, 60, true)
	st.reads(Line{Prompt: "> "})
	fmt.Fprintln(st.Responses(), "one", strings.Repeat("word ", 30))
	st.press("half a line")
	for _, size := range [][2]int{{80, 24}, {40, 8}, {10, 3}, {1, 1}, {300, 100}, {80, 24}} {
		st.sim.SetSize(size[0], size[1])
		st.event(tcell.NewEventResize(size[0], size[1]))
	}
	st.shows("> half a line")
	st.shows("one word word")
	st.press(tcell.KeyF6)
	st.shows("panes stacked")
	st.press(tcell.KeyF6)
	st.shows("panes beside each other")
	st.shows("┐┌") // beside each other
}

func TestSearchFilterAndScroll(t *testing.T) {
	st := opened(t, 80, 24, true)
	for i := range 100 {
		st.Trace(1, proto.FromClient, fmt.Sprintf("RETR file-%d", i))
		st.Trace(1, proto.FromServer, "226 Transfer complete.")
	}
	st.shows("file-99")
	st.press(tcell.KeyF3, "/FILE-42", tcell.KeyEnter)
	st.shows("file-42")
	if style := st.styleAt("→ RETR file-42"); style != st.palette.found {
		t.Errorf("%v", style)
	}
	st.shows("/file-42")
	st.press("/nothing like it", tcell.KeyEnter)
	st.shows("not found: nothing like it")
	st.press(tcell.KeyEscape, tcell.KeyEnd, "fC: -99", tcell.KeyEnter)
	st.shows("only: C: -99")
	st.hides("226")
	st.hides("file-99")
	st.press(tcell.KeyHome)
	st.shows("RETR file-0")
	st.press(tcell.KeyPgDn, tcell.KeyUp)
	st.shows("below ↓")
	st.press(tcell.KeyEnd, "f", tcell.KeyCtrlU, tcell.KeyEnter)
	st.shows("226")
	st.press("g")
	st.shows("file-0")
	st.look(func() { st.mouse(tview.MouseScrollDown, 5, 12) })
	st.hides("RETR file-0")
}

func TestTimes(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.Trace(1, proto.FromClient, "NOOP")
	st.Trace(1, proto.FromServer, "200 ok")
	st.shows("12:00:00.001 → NOOP")
	st.press(tcell.KeyF3, "t")
	st.shows(" +0.001 ← 200 ok")
	st.press("t")
	st.shows("┃→ NOOP")
}

func TestDialogueIsColouredByDirection(t *testing.T) {
	st := opened(t, 80, 24, true)
	for _, l := range []string{"C: USER anna", "S: 331 please", "S: 450 busy", "S: 550 no"} {
		st.Trace(1, proto.Direction(l[0]), l[3:])
	}
	got := []tcell.Style{st.styleAt("USER"), st.styleAt("331"), st.styleAt("450"), st.styleAt("550")}
	want := []tcell.Style{st.palette.sent, st.palette.received, st.palette.failing, st.palette.refused}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
	if got[0] == got[1] || got[1] == got[2] || got[2] == got[3] {
		t.Error("two of them look the same")
	}
}

func TestWithoutColours(t *testing.T) {
	st := opened(t, 80, 24, false)
	st.reads(Line{Prompt: "> "})
	st.Trace(1, proto.FromClient, "USER anna")
	st.Trace(1, proto.FromServer, "550 no")
	st.SetBars([]Bar{{Name: "x", Done: 1, Of: 2}})
	st.shows("550 no")
	st.look(func() {
		cells, _, _ := st.sim.GetContents()
		for _, c := range cells {
			if fg, bg, _ := c.Style.Decompose(); fg != tcell.ColorDefault || bg != tcell.ColorDefault {
				t.Fatalf("%q is %v on %v", string(c.Runes), fg, bg)
			}
		}
	})
}

func TestSelectAndCopy(t *testing.T) {
	st := opened(t, 80, 24, true)
	for i := range 5 {
		st.Trace(1, proto.FromClient, fmt.Sprintf("RETR %d", i))
	}
	st.shows("RETR 4")
	st.press(tcell.KeyF3, "v", tcell.KeyUp, "k")
	st.shows("3 selected")
	st.press("y")
	st.shows("3 lines copied")
	if got := st.clipboard(); got != "C: RETR 2\nC: RETR 3\nC: RETR 4\n" {
		t.Errorf("%q", got)
	}
	st.press("y") // nothing is selected: all
	if got := st.clipboard(); !strings.HasPrefix(got, "C: RETR 0\n") {
		t.Errorf("%q", got)
	}
	for range 400 {
		st.Trace(1, proto.FromServer, strings.Repeat("x", 500))
	}
	st.press("y")
	st.shows("too much for a clipboard")
}

func TestMouseSelects(t *testing.T) {
	st := opened(t, 80, 24, true)
	for i := range 5 {
		fmt.Fprintln(st.Responses(), "answer", i)
	}
	st.shows("answer 4")
	var r rect
	st.look(func() { r = st.rects[responsesPane] })
	st.event(tcell.NewEventMouse(3, r.y+2, tcell.Button1, 0))
	st.event(tcell.NewEventMouse(3, r.y+4, tcell.Button1, 0))
	st.event(tcell.NewEventMouse(3, r.y+4, tcell.ButtonNone, 0))
	st.shows("3 selected")
	st.press("y")
	if got := st.clipboard(); got != "answer 1\nanswer 2\nanswer 3\n" {
		t.Errorf("%q", got)
	}
}

func TestSave(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.Trace(1, proto.FromClient, `STOR a\b`)
	st.Trace(1, proto.FromServer, "226 ok")
	fmt.Fprintln(st.Responses(), "a.txt -> a.txt")
	st.shows("226 ok")
	st.press(tcell.KeyF9)
	st.shows("save dialogue as: dialogue-20240229-1200")
	st.press(tcell.KeyCtrlU, "said", tcell.KeyEnter)
	st.shows("2 lines saved as said")
	st.press(tcell.KeyF4, "w", tcell.KeyCtrlU, "said", tcell.KeyEnter)
	st.shows("not saved: it exists")
	st.press("w", tcell.KeyCtrlU, "done", tcell.KeyEnter)
	st.shows("1 line saved as done")
	st.press("w", tcell.KeyEscape) // given up
	if got := fmt.Sprintf("%q", st.saved); got != fmt.Sprintf("%q", map[string]string{"said": "C: STOR a\\\\b\nS: 226 ok\n", "done": "a.txt -> a.txt\n"}) {
		t.Error(got)
	}
}

func TestClear(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.Trace(1, proto.FromClient, "NOOP")
	fmt.Fprintln(st.Responses(), "an answer")
	st.shows("an answer")
	st.Clear()
	st.hides("an answer")
	st.press(tcell.KeyF3, "c")
	st.hides("NOOP")
}

func TestPasteRunsWholeLines(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> "})
	st.press(tcell.KeyF3)
	st.event(tcell.NewEventPaste(true))
	st.press("ls", tcell.KeyEnter, "get", tcell.KeyTab, "x\x1b\u202e", tcell.KeyEnter, "rest")
	st.event(tcell.NewEventPaste(false))
	if got := st.entered(1) + "|" + st.entered(2); got != "ls|get x" {
		t.Errorf("%q", got)
	}
	st.shows("> rest")
}

func TestBars(t *testing.T) {
	for _, c := range []struct {
		width int
		want  string
	}{
		{80, "big.bin          ████████████████▌░░░░░░░░░░░░░░░░   50%  1.2M   1.0M/s   0:09│"},
		{60, "big.bin     █████████░░░░░░░░░   50%  1.2M   1.0M/s   0:09│"},
		{42, "big.bin        50%  1.2M   1.0M/s   0:09│"},
		{30, "50%  1.2M   1.0M/s   0:09│"},
	} {
		st := opened(t, c.width, 24, true)
		st.SetBars([]Bar{{Name: "big.bin", Done: 50, Of: 100, News: "  50%  1.2M   1.0M/s   0:09"}})
		st.shows(c.want)
		st.SetBars(nil)
		st.hides("big.bin")
		_ = st.Close()
	}
}

// An answer that is longer than the pane says that it begins above.
func TestLongAnswersTellThatTheyAreLong(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> "})
	st.press("help", tcell.KeyEnter)
	st.entered(1)
	for i := range 30 {
		fmt.Fprintln(st.Responses(), "answer", i)
	}
	st.shows("PgUp for the beginning")
	st.press(tcell.KeyPgUp)
	st.shows("below ↓")
	st.hides("PgUp for the beginning")
	st.press("ls", tcell.KeyEnter)
	st.entered(2)
	fmt.Fprintln(st.Responses(), "short")
	st.shows("short")
	st.hides("PgUp for the beginning")
}

func TestJobsHaveBarsAboveTheOthers(t *testing.T) {
	st := opened(t, 80, 40, true)
	st.SetBars([]Bar{{Name: "a.txt", Of: 10}})
	st.SetJobs([]Bar{{Name: "[1] get b.txt", Of: 10}})
	st.shows("a.txt")
	st.look(func() {
		if text := st.text(); strings.Index(text, "b.txt") > strings.Index(text, "a.txt") || !strings.Contains(text, "b.txt") {
			t.Error(text)
		}
	})
}

// Several goroutines ask: one after the other.
func TestQuestionsWaitForEachOther(t *testing.T) {
	st := opened(t, 80, 24, true)
	answers := make(chan string, 2)
	for range 2 {
		go func() {
			text, _ := st.Ask(context.Background(), Question{Text: "which?"})
			answers <- text
		}()
	}
	for i := range 2 {
		st.shows("which? ")
		st.until("the next question", func() bool { st.Screen.mu.Lock(); defer st.Screen.mu.Unlock(); return st.asking != nil })
		st.press(fmt.Sprint(i), tcell.KeyEnter)
		if got := <-answers; got != fmt.Sprint(i) {
			t.Errorf("%q", got)
		}
		st.until("its end", func() bool {
			st.Screen.mu.Lock()
			defer st.Screen.mu.Unlock()
			return st.asking == nil || st.asking.text == ""
		})
	}
}

func TestManyBarsLeaveRoom(t *testing.T) {
	st := opened(t, 80, 24, true)
	fmt.Fprintln(st.Responses(), "an answer")
	var bars []Bar
	for i := range 20 {
		bars = append(bars, Bar{Name: fmt.Sprint("file-", i), Of: 10})
	}
	st.SetBars(append(bars, Bar{Name: "total", Of: 20}))
	st.shows("total")
	st.shows("an answer")
}

// What a server sends is drawn, and drives nothing: the screen has only what
// we put into its cells.
func TestHostileTextIsDrawn(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> "})
	for _, text := range []string{
		"220 \x1b]0;title\a\x1b[2J\x1b[H", "220 \u202egpj.exe\u2066", "220 \xff\xfe\x00\x07\b\r", "220 " + strings.Repeat("e\u0301", 5000),
		"220 " + strings.Repeat("A", 1<<20), "220 \u200b\ufeff\u00ad\U000e0041", "220 [red]tags[-] [\"region\"]are text[\"\"]",
	} {
		st.Trace(1, proto.FromServer, text)
		fmt.Fprintln(st.Responses(), text)
		_, _ = st.Responses().Write([]byte(text)) // and without an end
		fmt.Fprintln(st.Responses())
	}
	go st.Ask(context.Background(), Question{Text: "sure \x1b[2J\u202e?", Answers: []string{"no\x1b[A", "yes"}})
	st.shows(`sure \x1b[2J\u202e?`)
	st.shows(`no\x1b[A`)
	st.look(func() {
		cells, _, _ := st.sim.GetContents()
		for _, c := range cells {
			for _, r := range c.Runes {
				if r < ' ' && r != 0 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
					t.Fatalf("a cell holds %U", r)
				}
			}
		}
	})
	st.press(tcell.KeyCtrlC)
	st.shows(`[red]tags[-] ["region"]are text[""]`)
	if st.sim.GetTitle() != "" {
		t.Error("the title was set")
	}
}

// What stands on the screen is drawn again and again: prompt, place, bars,
// menu, question. A stranger's part of it drives nothing, and has a bound.
func TestHostileTextThatStands(t *testing.T) {
	for _, text := range []string{
		"\x1b]0;title\a\x1b[2J", "\u009b2J\u009d0;title\u009c", "\u202egpj.exe\u2066\u200f", "\xff\xfe\x00\a\b\r\n", "\u200b\ufeff\U000e0041\u2028",
		strings.Repeat("\x1b[2J\u202e", 1<<17), strings.Repeat("日本語", 1<<17), strings.Repeat("e\u0301", 1<<18), strings.Repeat("\xff", 1<<20),
	} {
		st := opened(t, 80, 24, true)
		bars := []Bar{{Name: "n" + text, Of: 10, News: "  1.0M/s"}, {Name: "m", Of: 10, News: "b" + text}}
		st.SetBars(bars)
		st.SetJobs(bars)
		st.reads(Line{Prompt: "p" + text + "> ", Complete: func(line string, pos int) Completion {
			return Completion{Line: line, Pos: pos, Menu: []Choice{{Text: "c" + text, Line: "x"}, {Text: "d", Line: "d"}}}
		}})
		st.Place("s"+text, Lost)
		st.press("g", tcell.KeyTab)
		st.until("a menu", func() bool { st.Screen.mu.Lock(); defer st.Screen.mu.Unlock(); return st.input.menu.open() })
		st.drivesNothing()
		st.Reprompt("q" + text)
		answered := make(chan error)
		go func() {
			_, err := st.Ask(t.Context(), Question{Text: "sure" + text, Answers: []string{"no", "yes"}})
			answered <- err
		}()
		st.until("a question", func() bool { st.Screen.mu.Lock(); defer st.Screen.mu.Unlock(); return st.asking != nil })
		st.drivesNothing()
		st.look(func() {
			st.Screen.mu.Lock()
			defer st.Screen.mu.Unlock()
			for _, kept := range []string{
				st.status, st.input.line.Prompt, st.input.menu.choices[0].Text, st.responses.bars[0].Name, st.responses.jobs[1].News, st.asking.Text,
			} {
				if len(kept) > maxLabel+len("…") {
					t.Errorf("%d bytes stand", len(kept))
				}
			}
		})
		st.press(tcell.KeyCtrlC)
		<-answered
		_ = st.Close()
	}
}

// drivesNothing looks at every cell, and at the terminal's title.
func (st *stage) drivesNothing() {
	st.t.Helper()
	st.look(func() {
		cells, _, _ := st.sim.GetContents()
		for _, c := range cells {
			for _, r := range c.Runes {
				if r != 0 && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError) {
					st.t.Fatalf("a cell holds %U", r)
				}
			}
		}
		if title := st.sim.GetTitle(); title != "" {
			st.t.Errorf("the title is %q", title)
		}
	})
}

// A transcript that was saved is read in a terminal, and played by tests.
func TestHostileTextIsSaved(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> "})
	for _, text := range []string{"220 \x1b]0;title\a\x1b[2J", "220 \u009b2J", "220 \u202egpj.exe\u2066", "220 \xff\xfe\x00\r\nC: DELE x", "220 " + strings.Repeat("\u202e", maxLine)} {
		st.Trace(1, proto.FromServer, text)
		fmt.Fprintln(st.Responses(), text)
	}
	for key, name := range map[tcell.Key]string{tcell.KeyF3: "dialogue", tcell.KeyF4: "responses"} {
		st.press(key, "w", tcell.KeyCtrlU, name, tcell.KeyEnter)
		st.shows("lines saved as " + name)
		text := st.saved[name]
		for line := range strings.Lines(text) {
			if name == "dialogue" && !strings.HasPrefix(line, "S: 220 ") {
				t.Errorf("a line of its own: %q", line)
			}
			if len(line) > 8*maxLine {
				t.Errorf("a line of %d bytes", len(line))
			}
		}
		if i := strings.IndexFunc(text, func(r rune) bool {
			return r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError)
		}); i >= 0 {
			t.Errorf("%s: %.40q", name, text[i:])
		}
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"日本語", 6, "日本語"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"日本", 1, "…"}, {"abc", 0, ""}, {"", 0, ""}, {"abc", -1, ""},
		{"e\u0301e\u0301", 2, "e\u0301e\u0301"}, {"e\u0301bc", 2, "e\u0301…"},
	} {
		if got := shorten(c.text, c.width); got != c.want {
			t.Errorf("%q in %d: %q", c.text, c.width, got)
		}
	}
}

// A flood of lines does not stop the keys.
func TestFlood(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> "})
	stop := make(chan struct{})
	for range 2 {
		go func() {
			for {
				select {
				case <-stop:
					return
				default:
					st.Trace(1, proto.FromServer, strings.Repeat("226 x ", 30))
					fmt.Fprintln(st.Responses(), "line")
				}
			}
		}()
	}
	st.press("ls", tcell.KeyEnter)
	if got := st.entered(1); got != "ls" {
		t.Error(got)
	}
	close(stop)
}

func TestHelpTellsOfEachKey(t *testing.T) {
	st := opened(t, 90, 60, true)
	st.shows("1 Input")
	st.press(tcell.KeyF1)
	for _, b := range bindings() {
		if b.long != "" {
			st.shows(fill(b.name, 12) + b.long[:min(20, len(b.long))])
		}
	}
	st.press("x")
	st.hides(" Keys ")
	st.sim.SetSize(80, 12)
	st.event(tcell.NewEventResize(80, 12))
	st.press(tcell.KeyF1)
	st.shows("complete, or go to the next pane")
	st.press(tcell.KeyPgDn, tcell.KeyPgDn, tcell.KeyPgDn, tcell.KeyPgDn)
	st.shows("reset")
}

func TestEveryKeyIsToldOf(t *testing.T) {
	var told strings.Builder
	for _, b := range bindings() {
		told.WriteString(b.name + " " + b.long + "\n")
	}
	for _, b := range bindings() {
		if name := strings.TrimPrefix(b.name, "⇧"); !strings.Contains(told.String(), name) {
			t.Errorf("%s", name)
		}
	}
}

// A command has the terminal: nothing is drawn meanwhile, and everything is
// there afterwards.
func TestRunSuspends(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.reads(Line{Prompt: "> "})
	if err := st.Run(func() error {
		st.Trace(1, proto.FromServer, "421 meanwhile")
		return io.ErrUnexpectedEOF
	}); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
	st.shows("421 meanwhile")
}

// Whose a line is stands before it as soon as there are several sessions.
func TestSessionsAreToldApart(t *testing.T) {
	st := opened(t, 80, 24, true)
	st.Trace(1, proto.FromClient, "NOOP")
	st.shows(" → NOOP")
	st.hides("#1")
	st.Trace(2, proto.FromClient, "RETR a")
	st.Trace(2, proto.FromServer, "150 two")
	st.Trace(1, proto.FromServer, "200 one")
	for _, want := range []string{"#1  → NOOP", "#2  → RETR a", "#2  ← 150 two", "#1  ← 200 one"} {
		st.shows(want)
	}
	st.press(tcell.KeyF3, "f#2", tcell.KeyEnter)
	st.hides("NOOP")
	st.hides("200 one")
	st.press("f-#2", tcell.KeyEnd, tcell.KeyCtrlU, "-#2", tcell.KeyEnter)
	st.hides("RETR")
	st.shows("200 one")
	st.press("f", tcell.KeyCtrlU, tcell.KeyEnter, tcell.KeyF9, tcell.KeyCtrlU, "said", tcell.KeyEnter)
	st.shows("4 lines saved as said")
	if got, want := st.saved["said"], "# session 1\nC: NOOP\n# session 2\nC: RETR a\nS: 150 two\n# session 1\nS: 200 one\n"; got != want {
		t.Errorf("%q", got)
	}
	st.press("c") // of what is gone nothing is told
	st.Trace(1, proto.FromServer, "221 bye")
	st.shows(" ← 221 bye")
	st.hides("#1")
}
