//go:build unix

package main

import (
	"regexp"
	"strconv"
	"syscall"
	"testing"
)

// The prompt in the server's own terminal is the parent's: it stays, with the log
// above it, when the server is killed, and speaks to the next one then.
func TestConsoleOutlivesServer(t *testing.T) {
	dir := t.TempDir()
	m := startTmux(t, 110, 40, dir, "FERRY_PASSWORD=secret ferry serve . --listen 127.0.0.1:0 --user demo --tls off --watchdog --console")
	up := regexp.MustCompile(`server is up"? pid=(\d+)`)
	m.until("the server is up", up.MatchString)
	m.shows("ctl ")
	addr := regexp.MustCompile(`ftp://(127\.0\.0\.1:\d+)`).FindStringSubmatch(m.screen())
	if addr == nil {
		t.Fatal("it is not said where it listens")
	}
	m.line("drain Back at noon.", "nobody is let in any more")
	m.line("resume", "people are let in")
	first := up.FindStringSubmatch(m.screen())[1]
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	m.types("sta") // what is being typed stays
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	m.shows("signal 9 (killed)")
	m.until("the next server is up", func(s string) bool { return len(up.FindAllString(s, -1)) == 2 })
	second := up.FindAllStringSubmatch(m.screen(), -1)[1][1]
	m.line("ts", "process "+second)
	if err := makeDir(addr[1], "visit"); err != nil {
		t.Error(err)
	}
	m.line("log --event mkdir", "visit")
	m.line("stop", "the server ends as soon as")
}
