package script

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"ferry/script/journal"
)

// tempPrefix begins the names of directories that ${temp} stands for.
const tempPrefix = "ferry-run-"

// tempDir is a directory of this run, made at its first use and removed when the
// run is done. A run that goes on with another has that one's, with what is in it.
func (st *State) tempDir() (Word, error) {
	if st.temp != "" {
		return Literal(st.temp), nil
	}
	r, remembers := st.cfg.Recorder.(decider)
	key := tempKey(st.job)
	if remembers && st.ending == nil && st.job == 0 { // jobs are counted as they come
		if names, ok := r.Recall(key); ok && len(names) == 1 && tempOfOurs(string(names[0])) {
			st.temp = string(names[0])
			return Literal(st.temp), nil
		}
	}
	dir, err := os.MkdirTemp("", tempPrefix)
	if err != nil {
		return Word{}, err
	}
	st.temp = dir
	if remembers {
		err = r.Decide(key, []journal.Name{journal.Name(dir)})
	}
	return Literal(dir), err
}

// tempKey is what the journal calls the directory of a job, or of the run: 0.
func tempKey(job int) string { return fmt.Sprintf("${temp} %d", job) }

// remembered reports whether a run that breaks off can be gone on with.
func remembered(r Recorder) bool {
	w, ok := r.(*watch)
	return ok && w.memory != nil
}

// dropTemps removes the directories that an earlier run has left, but for one.
func dropTemps(past *journal.Past, kept string) {
	if past == nil {
		return
	}
	for key, l := range past.Lines {
		if key == kept || !strings.HasPrefix(key, "${temp} ") || len(l.Values) != 1 {
			continue
		}
		if dir := string(l.Values[0]); tempOfOurs(dir) {
			_ = os.RemoveAll(dir)
		}
	}
}

// tempOfOurs reports whether a directory that an earlier run has made is there.
//
// SECURITY: who else may write where temporary directories are could have put
// one there since, or a link to another.
func tempOfOurs(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && private(info) && filepath.Dir(dir) == filepath.Clean(os.TempDir()) && strings.HasPrefix(filepath.Base(dir), tempPrefix)
}
