package serve

import (
	"errors"
	"os"
	"path/filepath"
)

var errNoHome = errors.New("neither XDG_STATE_HOME nor a home directory is known")

// stateDir is where a server keeps what outlives it.
func stateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "ferry"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errNoHome
	}
	return filepath.Join(home, ".local", "state", "ferry"), nil
}
