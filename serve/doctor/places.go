package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// places are the directories and files that a server needs.
func places(_ context.Context, h Host) []Finding {
	all := []Finding{served(h.Dir), state(h.State)}
	if h.UsersFile == "" {
		return all
	}
	if _, err := os.ReadFile(h.UsersFile); err != nil {
		return append(all, bad("users file", "whoever ferry runs as must be able to read it: --run-as USER, or chown", err))
	}
	if f, ok := exposed("users file", h.UsersFile); ok {
		f.Fix = "it holds password hashes: chmod 600 " + h.UsersFile
		return append(all, f)
	}
	return append(all, good("users file", "%s, for its owner only", h.UsersFile))
}

// served is the directory of the files.
func served(dir string) Finding {
	const name = "directory"
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return bad(name, "name a directory that exists", err)
	case !info.IsDir():
		return Finding{Name: name, Result: fails, Found: dir + " is no directory", Fix: "name one"}
	}
	if _, err := os.ReadDir(dir); err != nil {
		return bad(name, "ferry serves as its owner, or as --run-as USER", err)
	}
	if perm := info.Mode().Perm(); runtime.GOOS != "windows" && perm&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
		return Finding{Name: name, Result: weak, Found: fmt.Sprintf("%s may be written by everybody on this machine (%v)", dir, perm), Fix: "chmod o-w " + dir}
	}
	return good(name, "%s, owned by %s", dir, owner(info))
}

// state is where the server keeps what outlives it. A file is made there and
// removed: asking for permissions doesn't know of read-only file systems.
func state(dir string) Finding {
	const name = "state directory"
	if dir == "" {
		return Finding{Name: name, Result: weak, Found: "none: bans and the certificate are forgotten at the end", Fix: "set XDG_STATE_HOME or HOME"}
	}
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return good(name, "%s will be made", dir)
	}
	if err != nil {
		return bad(name, "ferry keeps its certificate there", err)
	}
	if perm := info.Mode().Perm(); runtime.GOOS != "windows" && perm&0o077 != 0 {
		return Finding{Name: name, Result: weak, Found: fmt.Sprintf("%s is open to others (%v)", dir, perm), Fix: "chmod 700 " + dir}
	}
	probe, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		return bad(name, "whoever ferry runs as must be able to write it", err)
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	return good(name, "%s, for its owner only", dir)
}

// exposed tells of a file with a secret that others may read.
func exposed(name, path string) (Finding, bool) {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o037 == 0 {
		return Finding{}, false
	}
	return Finding{Name: name, Result: weak, Found: fmt.Sprintf("others may read or change %s (%v)", filepath.Base(path), info.Mode().Perm()), Fix: "chmod 600 " + path}, true
}
