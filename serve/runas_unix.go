//go:build unix

package serve

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// identity is --run-as, else the owner of the directory. The uid is -1 when
// the process is not root's and can't become anybody.
func (d Daemon) identity() (identity, error) {
	if d.RunAs != "" {
		u, err := user.Lookup(d.RunAs)
		if err != nil {
			return identity{}, err
		}
		return identityOf(u)
	}
	if os.Geteuid() != 0 {
		return identity{uid: -1}, nil
	}
	info, err := os.Stat(d.Dir)
	if err != nil {
		return identity{uid: 0}, nil // that it can't be served is told later
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, fmt.Errorf("%s: its owner is not known", d.Dir)
	}
	if u, err := user.LookupId(strconv.Itoa(int(st.Uid))); err == nil {
		return identityOf(u)
	}
	return identity{name: strconv.Itoa(int(st.Uid)), uid: int(st.Uid), gid: int(st.Gid)}, nil
}

func identityOf(u *user.User) (identity, error) {
	uid, uerr := strconv.Atoi(u.Uid)
	gid, gerr := strconv.Atoi(u.Gid)
	if uerr != nil || gerr != nil {
		return identity{}, fmt.Errorf("user %s has no numeric id", u.Username)
	}
	return identity{name: u.Username, uid: uid, gid: gid}, nil
}

// become makes this process another user's, for good.
//
// SECURITY: groups first, since only root may drop them; the user behind, since
// it can't be undone. CVE-2024-48651: supplementary groups must not stay.
// Capabilities last: root without them owns its own files, and no more.
func become(id identity) error {
	if os.Geteuid() != 0 {
		if id.uid >= 0 && id.uid != os.Geteuid() {
			return syscall.EPERM
		}
		return dropCapabilities()
	}
	if groups, err := syscall.Getgroups(); err != nil || len(groups) > 0 {
		if err := syscall.Setgroups(nil); err != nil {
			return fmt.Errorf("dropping groups: %w", err)
		}
	}
	if err := dropRoot(); err != nil {
		return err
	}
	if id.uid > 0 {
		if err := syscall.Setgid(id.gid); err != nil {
			return fmt.Errorf("setgid: %w", err)
		}
		if err := syscall.Setuid(id.uid); err != nil {
			return fmt.Errorf("setuid: %w", err)
		}
	}
	return dropCapabilities()
}

func setUmask(mask int) error {
	syscall.Umask(mask)
	return nil
}

// trusted refuses a file that others than root and this process' user may
// write. A group may where this is not root: some systems give each user one.
func trusted(info os.FileInfo) error {
	perm := info.Mode().Perm()
	switch st, ok := info.Sys().(*syscall.Stat_t); {
	case perm&0o002 != 0:
		return errors.New("everybody may write it")
	case !ok:
		return nil
	case st.Uid != 0 && int(st.Uid) != os.Geteuid():
		return fmt.Errorf("it is another user's (%d)", st.Uid)
	case os.Geteuid() == 0 && perm&0o020 != 0 && st.Gid != 0:
		return fmt.Errorf("group %d may write it, and root would obey", st.Gid)
	}
	return nil
}
