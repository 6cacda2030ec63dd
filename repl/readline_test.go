package repl

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chzyer/readline"
)

// transcript is a terminal's output. It calls drawn with each piece before the
// one who wrote it goes on.
type transcript struct {
	mu    sync.Mutex
	text  strings.Builder
	drawn func(string)
}

func (tr *transcript) Write(p []byte) (int, error) {
	tr.mu.Lock()
	tr.text.Write(p)
	tr.mu.Unlock()
	if tr.drawn != nil {
		tr.drawn(string(p))
	}
	return len(p), nil
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.String()
}

// What a job says at the very moment when the prompt comes stands above the
// prompt, too: readline has drawn it and doesn't look at the keys yet.
func TestBesideWhileThePromptIsDrawn(t *testing.T) {
	keys, typed := io.Pipe()
	out := &transcript{}
	e := &readlineEditor{in: newInput(keys), err: out}
	e.paint = &painter{editor: e}
	e.history = &history{}
	var once sync.Once
	said := make(chan struct{})
	out.drawn = func(text string) {
		if !strings.Contains(text, "ferry> ") {
			return
		}
		once.Do(func() {
			go func() {
				defer close(said)
				_, _ = io.WriteString(e.Beside(), "[1] done\n")
			}()
			select { // it comes at once, if it comes now
			case <-said:
			case <-time.After(50 * time.Millisecond):
			}
		})
	}
	nothing := func() error { return nil }
	rl, err := readline.NewEx(&readline.Config{
		DisableAutoSaveHistory: true, ForceUseInteractive: true, FuncMakeRaw: nothing, FuncExitRaw: nothing,
		FuncGetWidth: func() int { return 80 }, FuncOnWidthChanged: func(func()) {},
		Painter: e.paint, Stdin: e.in, Stdout: &screen{out}, Stderr: out,
	})
	if err != nil {
		t.Fatal(err)
	}
	e.rl = rl
	ended := make(chan error, 1)
	go func() {
		_, err := e.read(t.Context(), "ferry> ", answering)
		ended <- err
	}()
	<-said
	_, behind, found := strings.Cut(out.String(), "[1] done\n")
	if !found || !strings.Contains(behind, "ferry> ") {
		t.Errorf("no prompt below what was said:\n%q", out)
	}
	if _, err := io.WriteString(typed, "\r"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}
