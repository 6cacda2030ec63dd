package bulk

import (
	"ferry/proto/list"
	"fmt"
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

// SpaceError is a disk that has no room for what is planned.
type SpaceError struct {
	Dir        string
	Need, Free int64 // bytes
}

func (e *SpaceError) Error() string {
	return fmt.Sprintf("%s: %s free, %s needed: %s too few", e.Dir, list.Amount(e.Free), list.Amount(e.Need), list.Amount(e.Need-e.Free))
}

// checkSpace looks, before anything is fetched, whether it will fit. What the
// system can't tell is not held against the plan.
func (e *Engine) checkSpace(p Plan) error {
	if p.Files == 0 {
		return nil
	}
	dir := existingDir(p.Steps[0].Item.Local)
	free, err := freeSpace(dir)
	if err != nil {
		return nil
	}
	need := p.Bytes
	for _, s := range p.Steps {
		if s.Action == Send {
			need -= held(s.Item.Local)
		}
	}
	if need > free {
		return &SpaceError{Dir: dir, Need: need, Free: free}
	}
	return nil
}
