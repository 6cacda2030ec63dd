package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build makes ferry's program in a directory and returns its path.
func Build(dir string) (string, error) {
	program := filepath.Join(dir, "ferry")
	build := exec.Command("go", "build", "-o", program, "ferry")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build ferry: %w: %s", err, out)
	}
	return program, nil
}

// Chosen reports whether a name begins with one of the prefixes, which commas
// separate; without any all are chosen.
func Chosen(name, prefixes string) bool {
	if prefixes == "" {
		return true
	}
	for prefix := range strings.SplitSeq(prefixes, ",") {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
