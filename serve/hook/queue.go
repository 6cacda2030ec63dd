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
	"runtime"
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
	urls   []string // of the web servers that are to be told now
	secret []byte
	log    *slog.Logger

	mu   sync.Mutex
	held []held // the files that are whole, about the oldest first
	over bool
	more chan struct{} // something has come, or the end
}

// held is a parcel on disk.
type held struct {
	name string // of its file
	url  string // "": it was not read yet
}

// openQueue finds what an earlier server has left.
func openQueue(dir string, urls []string, secret []byte, log *slog.Logger) (*queue, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("queue of webhooks: %w", err)
	}
	// SECURITY: what lies there is posted with our signature.
	if info, err := os.Stat(dir); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		return nil, fmt.Errorf("queue of webhooks: others may write in %s (mode %o); chmod go-w it", dir, info.Mode().Perm())
	}
	q := &queue{dir: dir, urls: urls, secret: secret, log: log, more: make(chan struct{}, 1)}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("queue of webhooks: %w", err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".new") { // was never whole
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	if n := q.find(entries, time.Now()); n > 0 {
		log.Info("webhooks of an earlier run are still to be delivered", "waiting", n)
		q.wake()
	}
	return q, nil
}

// find takes over parcels that lie there since before a time, and that this
// queue does not know: their server has ended. It returns how many.
func (q *queue) find(entries []os.DirEntry, before time.Time) (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	known := make(map[string]bool, len(q.held))
	for _, h := range q.held {
		known[h.name] = true
	}
	latest := fmt.Sprintf("%020d", before.UnixNano())
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".json") && name < latest && !known[name] {
			q.held = append(q.held, held{name: name})
			n++
		}
	}
	if n > 0 {
		slices.SortStableFunc(q.held, func(a, b held) int { return strings.Compare(a.name, b.name) })
	}
	return n
}

// adopt finds what another server of this directory has left since: one that was
// replaced by this one, and has ended.
func (q *queue) adopt() {
	if entries, err := os.ReadDir(q.dir); err == nil {
		q.find(entries, time.Now().Add(-longestPause))
	}
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
	if len(q.waiting()) >= maxQueued {
		return errFull
	}
	// Not under the lock: a slow disk holds up the session whose event this is,
	// and nobody else's.
	name := fmt.Sprintf("%020d-%s.json", time.Now().UnixNano(), p.ID)
	path := filepath.Join(q.dir, name)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = append(q.held, held{name, url})
	q.wake()
	return nil
}

func (q *queue) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// waiting are all parcels, the oldest first.
func (q *queue) waiting() []held {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.held)
}

// learn notes where a parcel goes, so that it need not be read again while its
// web server rests.
func (q *queue) learn(name, url string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := q.index(name); i >= 0 {
		q.held[i].url = url
	}
}

func (q *queue) index(name string) int {
	return slices.IndexFunc(q.held, func(h held) bool { return h.name == name })
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
	if i := q.index(name); i >= 0 {
		q.held = slices.Delete(q.held, i, i+1)
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
