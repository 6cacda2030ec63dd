package repl

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script"
)

// name is what completion keeps of an entry.
type name struct {
	text string
	kind proto.Kind
}

// names are listings of remote directories for completion, kept for a while.
//
// A listing runs beside the editor. Tab waits a moment for it; one that takes
// longer is there for the next Tab. The connection can do one thing at a time,
// so a verb first lets the listing end, or ends it (settle).
type names struct {
	mu      sync.Mutex  // completion and signs of life come from goroutines of their own
	site    script.Site // that dirs belong to; its directory is not compared
	dirs    map[string]fetched
	running *fetch
}

type fetched struct {
	names []name
	at    time.Time
}

// fetch is a listing under way.
type fetch struct {
	key    string // "" for a sign of life, which is no listing but holds the connection as one does
	client *client.Client
	cancel context.CancelFunc
	done   chan struct{} // closed when names and err are set
	names  []name
	err    error
}

// in are the sorted names of dir, as seen from where the shell is.
func (n *names) in(st *script.State, dir string) []name {
	n.mu.Lock()
	defer n.mu.Unlock()
	here := st.Site()
	here.Dir = ""
	if n.dirs == nil || n.site != here {
		n.site, n.dirs = here, map[string]fetched{}
	}
	key := dir
	if !path.IsAbs(dir) {
		key = st.Site().Dir + "/" + dir
	}
	n.collect()
	if f, ok := n.dirs[key]; ok && time.Since(f.at) < listLife {
		return f.names
	}
	if f := n.running; f != nil && f.key == "" {
		wait(f.done, listWait)
		n.collect()
	} else if f != nil && f.key != key {
		n.end(context.Background())
	}
	if n.running != nil && n.running.key == "" {
		return nil // the server does not answer
	}
	if n.running == nil && !st.Client().Broken() {
		n.start(st.Client(), key, dir)
	}
	if n.running != nil {
		wait(n.running.done, listWait)
		n.collect()
	}
	return n.dirs[key].names
}

// wait waits for done, or as long as after.
func wait(done <-chan struct{}, after time.Duration) bool {
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

func (n *names) start(c *client.Client, key, dir string) {
	ctx, cancel := context.WithTimeout(context.Background(), listMax)
	f := &fetch{key: key, client: c, cancel: cancel, done: make(chan struct{})}
	n.running = f
	if dir != "/" {
		dir = strings.TrimSuffix(dir, "/")
	}
	go func() {
		defer close(f.done)
		defer cancel()
		f.names, f.err = namesOf(ctx, c, dir)
	}()
}

func namesOf(ctx context.Context, c *client.Client, dir string) ([]name, error) {
	var found []name
	for line, err := range c.List(ctx, dir) {
		if err != nil {
			return nil, err
		}
		e := line.Entry
		if line.Verdict == list.Understood && e.Name != "." && e.Name != ".." && e.Kind != proto.CurrentDir && e.Kind != proto.ParentDir && typeable(e.Name) && len(found) < maxNames {
			found = append(found, name{strings.Clone(path.Base(e.Name)), e.Kind})
		}
	}
	slices.SortFunc(found, func(a, b name) int { return strings.Compare(a.text, b.text) })
	return slices.CompactFunc(found, func(a, b name) bool { return a.text == b.text }), nil
}

// collect keeps what a listing that has ended brought. A refused one is kept
// as empty: asking again would not help. A broken one is not kept.
func (n *names) collect() {
	f := n.running
	if f == nil {
		return
	}
	select {
	case <-f.done:
	default:
		return
	}
	n.running = nil
	if f.key == "" {
		return
	}
	if len(n.dirs) >= maxDirs {
		clear(n.dirs)
	}
	var refused *proto.ReplyError
	if n.dirs != nil && (f.err == nil || errors.As(f.err, &refused)) {
		n.dirs[f.key] = fetched{names: f.names, at: time.Now()}
	}
}

// settle makes the connection free for a verb: it waits for a listing under
// way, aborts it, and as the last resort drops the connection.
func (n *names) settle(ctx context.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.end(ctx)
}

func (n *names) end(ctx context.Context) {
	f := n.running
	switch {
	case f == nil:
		return
	case f.key == "" && !wait(f.done, pingFinish):
		_ = f.client.Close()
		<-f.done
	case !wait(f.done, listFinish):
		f.cancel()
		ctx, cancel := context.WithTimeout(ctx, listAbort)
		defer cancel()
		select {
		case <-f.done:
		case <-ctx.Done():
			_ = f.client.Close()
			<-f.done
		}
	}
	n.collect()
}

// forget drops what a line may have made untrue. Which lines those are is not
// worth knowing: only looking keeps what was seen.
func (n *names) forget(t *script.Table, line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	lines, err := t.ParseLine(line)
	for _, l := range lines {
		v, lerr := t.Lookup(l.Verb)
		if lerr == nil && !looks(v) {
			n.dirs = nil
			return
		}
	}
	if err != nil {
		n.dirs = nil
	}
}

// looks reports whether a verb leaves the server's files alone.
func looks(v *script.Verb) bool {
	switch v.Group {
	case script.ListingVerbs, script.LocalVerbs, script.SettingVerbs, script.HelpVerbs:
		return true
	}
	return slices.Contains([]string{"cd", "cdup", "pwd", "cat", "more", "get", "mget", "reget", "pget", "newer", "status", "features"}, v.Name)
}
