package hook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"ferry/serve/live"
)

// parcel is one event for one web server, as it lies on disk.
type parcel struct {
	URL   string          `json:"url"`
	Event live.Kind       `json:"event"`
	ID    string          `json:"id"`
	Body  json.RawMessage `json:"body"`
}

// queue is what web servers are still to hear: a directory with a file for each
// parcel, named so that they sort by age.
type queue struct {
	dir    string
	secret []byte
	log    *slog.Logger

	mu    sync.Mutex
	names []string // of the files that are whole, the oldest first
	over  bool
	more  chan struct{} // something has come, or the end
}

// openQueue finds what an earlier server has left.
func openQueue(dir string, secret []byte, log *slog.Logger) (*queue, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("queue of webhooks: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("queue of webhooks: %w", err)
	}
	q := &queue{dir: dir, secret: secret, log: log, more: make(chan struct{}, 1)}
	for _, e := range entries {
		switch {
		case strings.HasSuffix(e.Name(), ".json"):
			q.names = append(q.names, e.Name())
		case strings.HasSuffix(e.Name(), ".new"): // was never whole
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(q.names)
	if n := len(q.names); n > 0 {
		log.Info("webhooks of an earlier run are still to be delivered", "waiting", n)
		q.wake()
	}
	return q, nil
}

// errFull is a queue that takes nothing more.
var errFull = errors.New("the queue is full")

// add writes a parcel; when it returns nil, a server that is killed has lost
// nothing. (A power cut may: nobody waits for the disk here.)
func (q *queue) add(url string, e live.Event) error {
	p := parcel{URL: url, Event: e.Kind, ID: rand.Text(), Body: body(e)}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.names) >= maxQueued {
		return errFull
	}
	name := fmt.Sprintf("%020d-%s.json", time.Now().UnixNano(), p.ID)
	path := filepath.Join(q.dir, name)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	q.names = append(q.names, name)
	q.wake()
	return nil
}

func (q *queue) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// waiting are the names of all parcels, the oldest first.
func (q *queue) waiting() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.names)
}

func (q *queue) read(name string) (p parcel, err error) {
	text, err := os.ReadFile(filepath.Join(q.dir, name))
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	return p, err
}

// drop forgets a parcel that was delivered, or can't be read.
func (q *queue) drop(name string) {
	_ = os.Remove(filepath.Join(q.dir, name)) // else it is delivered twice
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.names, name); i >= 0 {
		q.names = slices.Delete(q.names, i, i+1)
	}
}

// stop ends deliver behind the try that is under way.
func (q *queue) stop() {
	q.mu.Lock()
	q.over = true
	q.mu.Unlock()
	q.wake()
}

func (q *queue) stopped() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.over
}

// rest waits until everything is delivered, or ctx ends.
func (q *queue) rest(ctx context.Context) {
	for len(q.waiting()) > 0 && ctx.Err() == nil {
		select {
		case <-time.After(firstPause / 20):
		case <-ctx.Done():
		}
	}
}
