//go:build linux

package main

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	atOnce = 8               // logins under way
	settle = 5 * time.Second // what servers have to put in order behind a crowd's logins
	// furtherCrowd is how many sessions come behind those of an idle row.
	furtherCrowd = 500

	still = 2 * time.Second // how long idle sessions are watched
)

// logins opens sessions, a few at a time, and closes them.
func logins(t target, v security) (sample, error) {
	if err := t.session(v, func(*control) error { return nil }); err != nil { // a password seen before
		return sample{}, err
	}
	took, cpu, err := t.timed(func() error {
		var g errgroup.Group
		g.SetLimit(atOnce)
		for range loginCount {
			g.Go(func() error { return t.session(v, func(*control) error { return nil }) })
		}
		return g.Wait()
	})
	return sample{value: loginCount / took.Seconds(), cpu: cpu, work: loginCount}, err
}

// atRest is the memory of a server whom one visitor has come to and left again:
// what a start needs, and the first login, has been given back. Scenarios that
// tell of growth wait for that; the others do not ask.
func (sc scenario) atRest(t target) (int64, error) {
	if !sc.grows {
		return 0, nil
	}
	if err := t.session(sc.over, func(*control) error { return nil }); err != nil {
		return 0, err
	}
	time.Sleep(settle)
	return t.group.pss()
}

// idle holds sessions that have logged in and say nothing. What counts is growth
// over the server before its first turn: later ones find memory that was not
// given back. A part of it is what a server sets up once, for its first crowd; so
// what a second crowd adds to the first is told, too.
func idle(n int) func(target, security) (sample, error) {
	return func(t target, v security) (sample, error) {
		var held []*control
		defer func() {
			for _, c := range held {
				c.close()
			}
		}()
		crowds := [2]int{n, min(n, furtherCrowd)}
		var grown [2]int64 // bytes, by each crowd
		for i, m := range crowds {
			more, err := hold(t, v, m)
			held = append(held, more...)
			if err != nil {
				return sample{}, err
			}
			time.Sleep(settle)
			now, err := t.group.pss()
			if err != nil {
				return sample{}, err
			}
			grown[i] = now - t.rest - grown[0]
		}
		_, cpu, err := t.timed(func() error { time.Sleep(still); return nil })
		if err != nil {
			return sample{}, err
		}
		each := float64(grown[0]) / 1024 / float64(crowds[0])
		further := float64(grown[1]) / 1024 / float64(crowds[1])
		return sample{value: each, notes: []float64{further, float64(n), float64(cpu.Milliseconds())}}, nil
	}
}

// idleNotes are the columns that idle fills.
func idleNotes() []string {
	return []string{"each of a second crowd, KiB", "sessions", "CPU in 2 s, ms"}
}

func hold(t target, v security, n int) ([]*control, error) {
	var (
		mu   sync.Mutex
		held []*control
		g    errgroup.Group
	)
	g.SetLimit(atOnce)
	for range n {
		g.Go(func() error {
			c, err := dial(t, v)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			held = append(held, c)
			return nil
		})
	}
	return held, g.Wait()
}

// crowd lets many clients download at once; their logins are not counted.
func crowd(n int) func(target, security) (sample, error) {
	return func(t target, v security) (sample, error) { return crowdOf(t, v, n) }
}

func crowdOf(t target, v security, n int) (sample, error) {
	held, err := hold(t, v, n)
	defer func() {
		for _, c := range held {
			c.close()
		}
	}()
	if err != nil {
		return sample{}, err
	}
	times := make([]time.Duration, len(held))
	began := time.Now()
	took, cpu, err := t.timed(func() error {
		var g errgroup.Group
		for i, c := range held {
			g.Go(func() error {
				n, _, err := c.get("RETR crowd.bin")
				times[i] = time.Since(began)
				if err == nil && n < crowdSize {
					err = fmt.Errorf("%d bytes came", n)
				}
				return err
			})
		}
		return g.Wait()
	})
	if err != nil {
		return sample{}, err
	}
	slices.Sort(times)
	s := rate(int64(len(held))*crowdSize, took, cpu)
	s.notes = []float64{times[len(times)-1].Seconds() / times[len(times)/2].Seconds()}
	return s, nil
}
