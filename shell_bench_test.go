//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// BenchmarkStartToPrompt is the time from the start of a process to its prompt
// in a terminal, for ferry and for those that people are used to. sftp speaks
// to a server that it starts itself: it has no prompt without one.
//
//	go test -run '^$' -bench StartToPrompt -benchtime 50x .
func BenchmarkStartToPrompt(b *testing.B) {
	for _, c := range []struct {
		name, prompt string
		args         []string
	}{
		{"ferry", "ferry> ", []string{program, "shell"}},
		{"lftp", "lftp :~> ", []string{"lftp"}},
		{"sftp", "sftp> ", []string{"sftp", "-D", "/usr/lib/openssh/sftp-server"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			path, err := exec.LookPath(c.args[0])
			if err != nil {
				b.Skip(err)
			}
			if c.name == "sftp" && !executable(c.args[2]) {
				b.Skip("no server of SFTP")
			}
			home := b.TempDir()
			for b.Loop() {
				startToPrompt(b, exec.Command(path, c.args[1:]...), home, c.prompt)
			}
		})
	}
}

func startToPrompt(b *testing.B, cmd *exec.Cmd, home, prompt string) {
	cmd.Env = append(unset(os.Environ(), "XDG_STATE_HOME"), "HOME="+home, "TERM=xterm-256color", "XDG_CONFIG_HOME=", "NO_COLOR=1")
	cmd.Dir = home
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 100})
	if err != nil {
		b.Fatal(err)
	}
	var seen bytes.Buffer
	part := make([]byte, 4096)
	for !strings.Contains(seen.String(), prompt) {
		n, err := f.Read(part)
		if err != nil {
			b.Fatalf("no prompt: %v\n%q", err, seen.String())
		}
		seen.Write(part[:n])
	}
	b.StopTimer()
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	f.Close()
	b.StartTimer()
}
