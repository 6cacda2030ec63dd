//go:build unix

package serve

import (
	"fmt"
	"os/user"
	"strconv"
	"syscall"
)

// runAs makes this process another user's, for good.
//
// SECURITY: groups first, since only root may drop them; the user last, since
// it can't be undone. CVE-2024-48651: supplementary groups must not stay.
func runAs(name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, uerr := strconv.Atoi(u.Uid)
	gid, gerr := strconv.Atoi(u.Gid)
	if uerr != nil || gerr != nil {
		return fmt.Errorf("user %s has no numeric id", name)
	}
	if uid == syscall.Getuid() {
		return nil
	}
	if err := syscall.Setgroups(nil); err != nil {
		return fmt.Errorf("dropping groups: %w (only root can become somebody else)", err)
	}
	if err := syscall.Setgid(gid); err != nil {
		return fmt.Errorf("setgid: %w", err)
	}
	if err := syscall.Setuid(uid); err != nil {
		return fmt.Errorf("setuid: %w", err)
	}
	return nil
}
