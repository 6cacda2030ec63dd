package bulk

import (
	"os"
	"path/filepath"
)

// existingDir is the nearest directory above name that exists.
func existingDir(name string) string {
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() || dir == filepath.Dir(dir) {
			return dir
		}
	}
}
