package parent

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"

	"ferry/proto"
)

// Worker is a child's end of the channel to its parent.
type Worker struct {
	Told []byte // what Parent.Tell said

	ch     *channel
	served atomic.Bool // Ready has been called

	mu     sync.Mutex
	asked  map[uint64]chan Changed
	lastID uint64
}

// Duties are what a parent asks of a child. They are called one after the
// other, by one goroutine.
type Duties struct {
	Probe  func(nc net.Conn, token proto.Secret)
	Change func(text []byte) Changed
	Retire func(aside *os.File) // where this child can be reached from now on; nil: nowhere
	Stop   func(why string)
	Share  func(with Company)
}

// Company says whether children before this one still have sessions.
type Company string

const (
	Alone  Company = "alone"
	Others Company = "others"
)

func newWorker(f *os.File) (*Worker, error) {
	c, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("channel to the parent: %w", err)
	}
	ch, err := newChannel(c)
	if err != nil {
		return nil, err
	}
	m, extra, err := ch.receive()
	if extra != nil {
		extra.Close()
	}
	if err == nil && m.Kind != begin {
		err = errChannel
	}
	if err != nil {
		return nil, fmt.Errorf("channel to the parent: %w", err)
	}
	return &Worker{Told: m.Text, ch: ch, asked: map[uint64]chan Changed{}}, nil
}

// Ready says that connections are being served.
func (w *Worker) Ready() error {
	if err := bind(); err != nil {
		return err
	}
	w.served.Store(true)
	return w.ch.send(message{Kind: ready}, nil)
}

// Served reports whether Ready has been called.
func (w *Worker) Served() bool { return w.served.Load() }

// Failed says why this child can't serve. It is up to it to tell people.
func (w *Worker) Failed(err error) error {
	return w.ch.send(message{Kind: failed, Text: []byte(err.Error())}, nil)
}

// Done says that the end which follows is meant.
func (w *Worker) Done() error { return w.ch.send(message{Kind: done}, nil) }

// Wish asks to be replaced.
func (w *Worker) Wish(why string) error {
	return w.ch.send(message{Kind: wish, Text: []byte(why)}, nil)
}

// Reload asks the parent to read the settings again, and waits for what comes
// of it.
func (w *Worker) Reload(ctx context.Context) (Changed, error) {
	answer := make(chan Changed, 1)
	w.mu.Lock()
	w.lastID++
	id := w.lastID
	w.asked[id] = answer
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.asked, id)
		w.mu.Unlock()
	}()
	if err := w.ch.send(message{Kind: reload, ID: id}, nil); err != nil {
		return Changed{}, err
	}
	select {
	case what := <-answer:
		return what, nil
	case <-ctx.Done():
		return Changed{}, context.Cause(ctx)
	}
}

// Listen does what the parent asks until the parent is gone: then the child
// has to end, and the error says so.
func (w *Worker) Listen(d Duties) error {
	for {
		m, f, err := w.ch.receive()
		if err != nil {
			return fmt.Errorf("the parent process is gone: %w", err)
		}
		w.obey(d, m, f)
		if f != nil {
			f.Close()
		}
	}
}

func (w *Worker) obey(d Duties, m message, f *os.File) {
	switch m.Kind {
	case probe:
		if f == nil {
			return
		}
		if nc, err := net.FileConn(f); err == nil {
			d.Probe(nc, proto.Secret(m.Text))
		}
	case change:
		if text, err := json.Marshal(d.Change(m.Text)); err == nil {
			_ = w.ch.send(message{Kind: changed, ID: m.ID, Text: text}, nil)
		}
	case retire:
		d.Retire(f)
	case share:
		d.Share(Company(m.Text))
	case stop:
		d.Stop(string(m.Text))
	case told:
		var what Changed
		if json.Unmarshal(m.Text, &what) != nil {
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if answer := w.asked[m.ID]; answer != nil {
			answer <- what
			delete(w.asked, m.ID)
		}
	}
}
