package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// order asks the runner for one program; Cancel takes an order back.
type order struct {
	ID     uint64   `json:"id"`
	Cancel bool     `json:"cancel,omitempty"`
	Rule   int      `json:"rule"`
	More   []string `json:"more,omitempty"`
	Input  []byte   `json:"input,omitempty"`
}

// result is how it went.
type result struct {
	ID     uint64 `json:"id"`
	Status int    `json:"status"`
	Out    []byte `json:"out,omitempty"`
	Err    string `json:"err,omitempty"`
}

// Serve is the runner: it reads orders and runs programs until its input ends.
// Its own programs are fixed when it starts.
//
// SECURITY: it stands outside of what confines the server, so it does as little
// as there is: a server that was taken over can run the programs that the
// administrator has named, with an event of its own invention, and no other.
func Serve(in io.Reader, out io.Writer, programs [][]string) error {
	return serve(in, out, programs, farewell)
}

// serve gives what still runs when its input ends some patience: a server that
// was killed takes no order back any more, and the next one has a runner of its
// own.
func serve(in io.Reader, out io.Writer, programs [][]string, patience time.Duration) error {
	all, end := context.WithCancel(context.Background())
	defer end()
	var (
		mu      sync.Mutex
		work    sync.WaitGroup
		running = map[uint64]context.CancelFunc{}
		orders  = json.NewDecoder(in)
		results = json.NewEncoder(out)
	)
	defer work.Wait()
	defer func() { time.AfterFunc(patience, end) }()
	for {
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("hooks: %w", err)
		}
		mu.Lock()
		cancel := running[o.ID]
		if o.Cancel {
			if cancel != nil {
				cancel()
			}
			mu.Unlock()
			continue
		}
		if o.Rule < 0 || o.Rule >= len(programs) || len(programs[o.Rule]) == 0 {
			mu.Unlock()
			return fmt.Errorf("hooks: there is no program %d", o.Rule)
		}
		ctx, cancel := context.WithTimeout(all, max(programTime, vetoTime)+postponed)
		running[o.ID] = cancel
		mu.Unlock()
		work.Go(func() {
			defer cancel()
			r := result{ID: o.ID}
			status, said, err := start(ctx, programs[o.Rule], o.More, o.Input)
			if r.Status, r.Out = status, []byte(said); err != nil {
				r.Err = err.Error()
			}
			mu.Lock()
			defer mu.Unlock()
			delete(running, o.ID)
			_ = results.Encode(r) // nobody listens any more: the server is gone
		})
	}
}

// Runner is a runner that was started.
type Runner struct {
	cmd *exec.Cmd
	in  io.WriteCloser

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]chan result
	gone    error
	ended   chan struct{}
}

// StartRunner starts this program once more, as a runner with these words, while
// it still may. The runner gets the rules' programs on its command line.
func StartRunner(rules []Rule, words ...string) (*Runner, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	all := make([][]string, len(rules))
	for i, r := range rules {
		all[i] = r.Program
	}
	text, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	r := &Runner{cmd: exec.Command(self, append(words, string(text))...), waiting: map[uint64]chan result{}, ended: make(chan struct{})}
	r.cmd.Env, r.cmd.Stderr = environment(), os.Stderr
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	go r.listen(out)
	return r, nil
}

// listen hands results to those who wait.
func (r *Runner) listen(out io.Reader) {
	defer close(r.ended)
	d := json.NewDecoder(out)
	var err error
	for err == nil {
		var got result
		if err = d.Decode(&got); err != nil {
			break
		}
		r.mu.Lock()
		if c := r.waiting[got.ID]; c != nil {
			c <- got
			delete(r.waiting, got.ID)
		}
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = fmt.Errorf("the runner of hooks is gone: %w", err)
	for id, c := range r.waiting {
		c <- result{ID: id, Status: -1, Err: r.gone.Error()}
		delete(r.waiting, id)
	}
}

// Run is a Run.
func (r *Runner) Run(ctx context.Context, rule int, more []string, input []byte) (int, string, error) {
	r.mu.Lock()
	r.next++
	id, c := r.next, make(chan result, 1)
	err := r.gone
	if err == nil {
		r.waiting[id] = c
		err = r.send(order{ID: id, Rule: rule, More: more, Input: input})
	}
	r.mu.Unlock()
	if err != nil {
		return -1, "", err
	}
	select {
	case got := <-c:
		if got.Err != "" {
			return got.Status, string(got.Out), errors.New(got.Err)
		}
		return got.Status, string(got.Out), nil
	case <-ctx.Done():
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, id)
		_ = r.send(order{ID: id, Cancel: true})
		return -1, "", context.Cause(ctx)
	}
}

func (r *Runner) send(o order) error { return json.NewEncoder(r.in).Encode(o) }

// Close lets the runner end what runs.
func (r *Runner) Close() error {
	_ = r.in.Close()
	<-r.ended
	return r.cmd.Wait()
}
