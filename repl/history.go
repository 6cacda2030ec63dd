package repl

import (
	"os"
	"path/filepath"
)

// maxHistory is how many lines are kept.
const maxHistory = 2000

// historyPath makes sure of a history that only its owner can read. "" when
// there is no place for one.
func historyPath(dir string) string {
	if dir == "" || os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	path := filepath.Join(dir, "history")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return ""
	}
	f.Close()
	return path
}

// stateDir is where the shell keeps what outlives it; "" when nowhere.
func stateDir() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "ferry")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "state", "ferry")
}
