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

// order asks the runner for one program; Cancel takes an order back. Told ones run
// in their turn.
type order struct {
	ID     uint64   `json:"id"`
	Cancel bool     `json:"cancel,omitempty"`
	Told   bool     `json:"told,omitempty"`
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
	return serve(in, out, programs, lastWill)
}

// serve runs what it was told when its input ends, within patience: a server that
// was killed loses none of its events. The next one has a runner of its own.
func serve(in io.Reader, out io.Writer, programs [][]string, patience time.Duration) error {
	all, end := context.WithCancel(context.Background())
	defer end()
	var (
		mu      sync.Mutex
		work    sync.WaitGroup
		running = map[uint64]context.CancelFunc{}
		orders  = json.NewDecoder(in)
		results = json.NewEncoder(out)
		told    = make(chan order, maxWaiting)
	)
	run := func(ctx context.Context, o order) {
		r := result{ID: o.ID}
		status, said, err := start(ctx, programs[o.Rule], o.More, o.Input)
		if r.Status, r.Out = status, []byte(said); err != nil {
			r.Err = err.Error()
		}
		mu.Lock()
		defer mu.Unlock()
		delete(running, o.ID)
		_ = results.Encode(r) // nobody listens any more: the server is gone
	}
	for range programsAtOnce {
		work.Go(func() {
			for o := range told {
				ctx, cancel := context.WithTimeout(all, programTime)
				run(ctx, o)
				cancel()
			}
		})
	}
	defer work.Wait()
	defer func() { time.AfterFunc(patience, end) }()
	defer close(told)
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
		if o.Told {
			mu.Unlock()
			told <- o // a server has no more than these under way
			continue
		}
		ctx, cancel := context.WithTimeout(all, vetoTime+postponed)
		running[o.ID] = cancel
		mu.Unlock()
		work.Go(func() {
			defer cancel()
			run(ctx, o)
		})
	}
}

// Runner is a runner that was started.
type Runner struct {
	cmd *exec.Cmd
	in  io.WriteCloser

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]func(result)
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
	r := &Runner{cmd: exec.Command(self, append(words, string(text))...), waiting: map[uint64]func(result){}, ended: make(chan struct{})}
	r.cmd.Env, r.cmd.Stderr, r.cmd.SysProcAttr = environment(), os.Stderr, apart()
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
		done := r.waiting[got.ID]
		delete(r.waiting, got.ID)
		r.mu.Unlock()
		if done != nil {
			done(got)
		}
	}
	r.mu.Lock()
	r.gone = fmt.Errorf("the runner of hooks is gone: %w", err)
	left := r.waiting
	r.waiting = nil
	r.mu.Unlock()
	for id, done := range left {
		done(result{ID: id, Status: -1, Err: r.gone.Error()})
	}
}

// Ended is closed when there is no runner any more.
func (r *Runner) Ended() <-chan struct{} { return r.ended }

// ask sends an order; done is called once, if ask has not failed.
func (r *Runner) ask(o order, done func(result)) (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone != nil {
		return 0, r.gone
	}
	r.next++
	o.ID = r.next
	r.waiting[o.ID] = done
	err := r.send(o)
	if err != nil {
		delete(r.waiting, o.ID)
	}
	return o.ID, err
}

// Tell is a Tell: when it returns, the runner has the event.
func (r *Runner) Tell(rule int, more []string, input []byte, done func(status int, out string, err error)) error {
	_, err := r.ask(order{Told: true, Rule: rule, More: more, Input: input}, func(got result) { done(got.Status, string(got.Out), got.err()) })
	return err
}

func (r result) err() error {
	if r.Err == "" {
		return nil
	}
	return errors.New(r.Err)
}

// Run is a Run.
func (r *Runner) Run(ctx context.Context, rule int, more []string, input []byte) (int, string, error) {
	c := make(chan result, 1)
	id, err := r.ask(order{Rule: rule, More: more, Input: input}, func(got result) { c <- got })
	if err != nil {
		return -1, "", err
	}
	select {
	case got := <-c:
		return got.Status, string(got.Out), got.err()
	case <-ctx.Done():
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, id)
		_ = r.send(order{ID: id, Cancel: true})
		return -1, "", context.Cause(ctx)
	}
}

func (r *Runner) send(o order) error { return json.NewEncoder(r.in).Encode(o) }

// Close lets the runner end. It does so when it has run what it was told; that is
// not waited for.
func (r *Runner) Close() error {
	_ = r.in.Close()
	r.mu.Lock()
	busy := len(r.waiting) > 0
	r.mu.Unlock()
	if busy {
		return nil
	}
	<-r.ended
	return r.cmd.Wait()
}
