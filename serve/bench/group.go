//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// group is a control group that holds one server with all that it starts.
type group struct {
	dir string
	v2  bool
}

// newGroup makes a group, in the unified hierarchy or in that of cpuacct.
func newGroup(name string) (*group, error) {
	g := &group{dir: filepath.Join("/sys/fs/cgroup/cpuacct", name)}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		g.dir, g.v2 = filepath.Join("/sys/fs/cgroup", name), true
	}
	if err := os.Mkdir(g.dir, 0o755); err != nil && !os.IsExist(err) {
		return nil, fmt.Errorf("make a control group: %w", err)
	}
	return g, nil
}

// wrap makes a command start inside the group.
func (g *group) wrap(args []string) []string {
	return append([]string{"/bin/sh", "-c", `echo $$ > "$0" && exec "$@"`, filepath.Join(g.dir, "cgroup.procs")}, args...)
}

// remove takes the group away; its processes have ended.
func (g *group) remove() {
	for range 50 { // the kernel needs a moment
		if os.Remove(g.dir) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// cpu is what all processes, those that have ended too, have used.
func (g *group) cpu() (time.Duration, error) {
	if !g.v2 {
		text, err := os.ReadFile(filepath.Join(g.dir, "cpuacct.usage"))
		if err != nil {
			return 0, err
		}
		ns, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		return time.Duration(ns), err
	}
	text, err := os.ReadFile(filepath.Join(g.dir, "cpu.stat"))
	if err != nil {
		return 0, err
	}
	var us int64
	_, err = fmt.Sscanf(string(text), "usage_usec %d", &us)
	return time.Duration(us) * time.Microsecond, err
}

// pss is the memory of all processes, bytes; what several share counts once.
// Pages of files, a program's own above all, are left out: they come with the
// first use of a piece of code, and go when the kernel wants them back, whoever
// has logged in meanwhile.
func (g *group) pss() (int64, error) { return g.sum("smaps_rollup", "Pss_Anon:") }

// peak is the most that the largest process had since forget, bytes.
func (g *group) peak() (int64, error) {
	most := int64(0)
	err := g.each(func(pid string) {
		most = max(most, field(filepath.Join("/proc", pid, "status"), "VmHWM:"))
	})
	return most, err
}

// forget makes peak begin anew, with what there is now: what a start needed, or
// an earlier turn, must not hide a growth. See clear_refs in proc(5).
func (g *group) forget() error {
	var failed error
	err := g.each(func(pid string) {
		err := os.WriteFile(filepath.Join("/proc", pid, "clear_refs"), []byte("5"), 0)
		if err != nil && !os.IsNotExist(err) { // it has ended meanwhile
			failed = err
		}
	})
	return errors.Join(err, failed)
}

func (g *group) sum(file, key string) (int64, error) {
	total := int64(0)
	err := g.each(func(pid string) { total += field(filepath.Join("/proc", pid, file), key) })
	return total, err
}

func (g *group) each(f func(pid string)) error {
	list, err := os.Open(filepath.Join(g.dir, "cgroup.procs"))
	if err != nil {
		return err
	}
	defer list.Close()
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		f(lines.Text())
	}
	return lines.Err()
}

// field is a line of a proc(5) file that has KiB, as bytes; 0 where it is not.
func field(path, key string) int64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0 // the process has ended meanwhile
	}
	_, after, _ := strings.Cut(string(text), key)
	var kib int64
	if _, err := fmt.Sscan(after, &kib); err != nil {
		return 0
	}
	return kib << 10
}
