//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ferry/serve/bench/peers"
)

// errAbsent is a client that is not installed or can't do what is asked.
var errAbsent = errors.New("not installed")

// figure is what one run of a client took.
type figure struct {
	took   time.Duration
	cpu    time.Duration // of the client
	memory int64         // the most that was resident, bytes
}

// figures are those of all runs, and the first failure.
type figures struct {
	runs []figure
	err  error
}

func (f *figures) add(one figure, err error) {
	if err == nil {
		f.runs = append(f.runs, one)
	} else if f.err == nil {
		f.err = err
	}
}

// median of a quantity over the runs.
func median[T int64 | time.Duration](runs []figure, of func(figure) T) T {
	var all []T
	for _, r := range runs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// once lets one client do the scenario's work, and checks it.
func (s scenario) once(ctx context.Context, w *world, srv *peers.Server, c client, want map[string][32]byte) (figure, error) {
	t, arrived, err := s.task(w, srv, c, want)
	if err != nil {
		return figure{}, err
	}
	args, err := c.args(t)
	if err != nil {
		return figure{}, err
	}
	if args == nil {
		return figure{}, errAbsent
	}
	ctx, cancel := context.WithTimeout(ctx, runLimit)
	defer cancel()
	from := w.Client
	if s.loopback() {
		from = w.Server
	}
	cmd := within(ctx, from, args...)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD="+srv.Password, "XDG_STATE_HOME="+filepath.Join(w.dir, "client-state"), "HOME="+w.dir)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return figure{}, err
	}
	peak := watchMemory(cmd.Process.Pid)
	err = cmd.Wait()
	f := figure{took: time.Since(began), memory: peak()}
	if err != nil {
		return f, fmt.Errorf("%w: %s", err, lastLine(out.Bytes()))
	}
	f.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if s.way == look || c.drops {
		return f, nil
	}
	return f, sameBytes(arrived, want)
}

// watchMemory follows the most that a process ever had in memory, bytes, until
// peak is called. What wait(2) tells counts the parent's pages as well.
func watchMemory(pid int) (peak func() int64) {
	done, most := make(chan struct{}), make(chan int64)
	go func() {
		var high int64
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				most <- high
				return
			case <-tick.C:
				high = max(high, highWater(pid))
			}
		}
	}()
	return func() int64 { close(done); return <-most }
}

// highWater is VmHWM of proc(5), bytes; 0 when the process is gone.
func highWater(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kib int64
	if _, err := fmt.Sscan(after, &kib); err != nil {
		return 0
	}
	return kib << 10
}

// task prepares an empty place for what will arrive, and says where that is.
func (s scenario) task(w *world, srv *peers.Server, c client, want map[string][32]byte) (task, string, error) {
	t := task{w: w, server: srv, remote: "data", files: names(want)}
	here, there := filepath.Join(w.dir, "arrived"), filepath.Join(w.served(), "arrived")
	for _, dir := range []string{here, there} {
		if err := os.RemoveAll(dir); err != nil {
			return t, "", err
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			return t, "", err
		}
	}
	if err := os.Chmod(there, 0o777); err != nil {
		return t, "", err
	}
	switch {
	case s.way == look:
		if strings.Contains(c.name, "empty") {
			t.remote = "nothing"
		}
		t.local = here
		return t, here, nil
	case s.way == down && s.tree:
		t.local = filepath.Join(here, "data")
		return t, t.local, nil
	case s.way == down:
		t.remote, t.local = "data/file.dat", filepath.Join(here, "file.dat")
		return t, here, nil
	case s.tree:
		t.remote, t.local = "arrived/data", filepath.Join(w.source(), "data")
		return t, filepath.Join(there, "data"), nil
	default:
		t.remote, t.local = "arrived/file.dat", filepath.Join(w.source(), "data", "file.dat")
		return t, there, nil
	}
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

func (s scenario) heading() {
	fmt.Printf("\n### %s: %s\n\n", s.name, s.about)
	fmt.Println("| server | client | time, s (min–max) | files/s | MiB/s | RTT/file | CPU, s/GiB | memory, MiB |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
}

func (s scenario) line(srv *peers.Server, c client, f figures, files int) string {
	if len(f.runs) == 0 || f.err != nil {
		return fmt.Sprintf("| %s | %s | %v |", srv.Name, c.name, f.err)
	}
	took := median(f.runs, func(f figure) time.Duration { return f.took })
	quickest := slices.MinFunc(f.runs, func(a, b figure) int { return int(a.took - b.took) }).took
	slowest := slices.MaxFunc(f.runs, func(a, b figure) int { return int(a.took - b.took) }).took
	cpu := median(f.runs, func(f figure) time.Duration { return f.cpu })
	memory := median(f.runs, func(f figure) int64 { return f.memory })
	trips := "–"
	if s.over.Delay > 0 {
		trips = fmt.Sprintf("%.2f", float64(took)/float64(2*s.over.Delay)/float64(files))
	}
	bytes := float64(s.size) * float64(files)
	return fmt.Sprintf("| %s | %s | %.2f (%.2f–%.2f) | %.1f | %.2f | %s | %.3f | %.1f |", srv.Name, c.name,
		took.Seconds(), quickest.Seconds(), slowest.Seconds(), float64(files)/took.Seconds(),
		bytes/float64(mib)/took.Seconds(), trips, cpu.Seconds()/bytes*float64(1<<30), float64(memory)/float64(mib))
}
