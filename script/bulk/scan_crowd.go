package bulk

import (
	"context"
	"sync"

	"ferry/proto/client"
)

// scouts are sessions that list the directories of a level together, at a server
// where each costs round trips of its own: three, beside the nine of a login.
type scouts struct {
	*Engine
	helpers []*client.Client
}

// level lists directories, each in its place. The error is the engine's own
// session's: what a helper has not done is done by the others.
func (s *scouts) level(ctx context.Context, dirs []string) ([]listing, error) {
	if s.opts.Dial == nil || !s.client.ListsSingly() || len(dirs) < 2*scoutDirs {
		return s.listLevel(ctx, dirs)
	}
	s.gather(ctx, len(dirs)/scoutDirs-1)
	l := &levelled{dirs: dirs, all: make([]listing, len(dirs))}
	for i := range dirs {
		l.left = append(l.left, i)
	}
	var working sync.WaitGroup
	for _, c := range s.helpers {
		working.Go(func() { _ = l.list(ctx, c) })
	}
	err := l.list(ctx, s.client)
	working.Wait()
	if err == nil { // what a helper gave back at its end
		err = l.list(ctx, s.client)
	}
	return l.all, err
}

// gather makes n helpers of those that there are, as far as the server allows.
func (s *scouts) gather(ctx context.Context, n int) {
	most := s.opts.Sessions
	if most == 0 {
		most = farSessions
	}
	if known := s.opts.Server.sessions(); known > 0 {
		most = min(most, known)
	}
	made := make(chan *client.Client, most)
	var dials sync.WaitGroup
	for range min(n, most-1) - len(s.helpers) {
		dials.Go(func() {
			if c, err := s.opts.Dial(ctx); err == nil {
				made <- c
			}
		})
	}
	dials.Wait()
	close(made)
	for c := range made {
		s.helpers = append(s.helpers, c)
	}
}

// leave ends the helpers.
func (s *scouts) leave(ctx context.Context) {
	var ends sync.WaitGroup
	for _, c := range s.helpers {
		ends.Go(func() { (&worker{Engine: s.Engine, client: c}).bye(ctx) })
	}
	ends.Wait()
}

// levelled is a level while it is listed.
type levelled struct {
	dirs []string
	all  []listing
	mu   sync.Mutex
	left []int // places of those that nobody lists
}

// list lists directories until none is left.
func (l *levelled) list(ctx context.Context, c *client.Client) error {
	for {
		i, ok := l.take()
		if !ok {
			return nil
		}
		listed, err := c.ListDirs(ctx, l.dirs[i:i+1])
		if err != nil {
			l.back(i)
			return err
		}
		l.all[i] = understood(l.dirs[i], listed[0])
	}
}

func (l *levelled) take() (i int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.left) == 0 {
		return 0, false
	}
	i, l.left = l.left[0], l.left[1:]
	return i, true
}

func (l *levelled) back(i int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = append(l.left, i)
}
