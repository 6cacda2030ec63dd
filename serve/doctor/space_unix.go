//go:build unix

package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// space is what the disk of the files has left.
func space(_ context.Context, h Host) []Finding {
	var s unix.Statfs_t
	if err := unix.Statfs(h.Dir, &s); err != nil {
		return []Finding{{Name: "disk", Result: untold, Found: err.Error()}}
	}
	free, inodes := int64(s.Bavail)*int64(s.Bsize), int64(s.Ffree)
	disk := good("disk", "%.1f GiB free", float64(free)/(1<<30))
	if free < lowDisk {
		disk.Result, disk.Fix = weak, "uploads will be answered 452: make room, or give users quotas (ferry users change --quota)"
	}
	all := []Finding{disk}
	switch {
	case s.Files == 0: // btrfs and others have no such limit
	case inodes < lowInodes:
		all = append(all, Finding{Name: "inodes", Result: weak, Found: fmt.Sprintf("%d left: that many files more", inodes), Fix: "remove small files, or make a file system with more"})
	default:
		all = append(all, good("inodes", "%d left", inodes))
	}
	return all
}

// openFiles is how many sessions the process may have.
func openFiles(h Host) Finding {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return Finding{Name: "open files", Result: untold, Found: err.Error()}
	}
	// Go raises the soft limit to the hard one by itself.
	if want := uint64(h.Sessions) * filesPerSession; uint64(r.Max) < want {
		return Finding{Name: "open files", Result: weak, Found: fmt.Sprintf("%d, and %d sessions may want %d", r.Max, h.Sessions, want),
			Fix: fmt.Sprintf("LimitNOFILE=%d in the unit, or ulimit -Hn %d; or fewer: --max-sessions", want, want)}
	}
	return good("open files", "%d, enough for %d sessions", r.Max, h.Sessions)
}

func owner(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "somebody"
	}
	id := strconv.Itoa(int(st.Uid))
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}
