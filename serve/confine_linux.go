package serve

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// restrict asks Landlock (Linux 5.13). Below 5.19 it can't let files be
// renamed from one directory to another, and is left alone.
func restrict(p places, f Files) (how string, err error) {
	abi, err := ll.LandlockGetABIVersion()
	if err != nil || abi < 2 {
		return "", errors.New("this kernel has no Landlock that lets files be moved")
	}
	rules := []landlock.Rule{
		landlock.RODirs(p.look...).IgnoreIfMissing(),
		landlock.ROFiles("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/localtime").IgnoreIfMissing(),
		landlock.RODirs("/etc/ssl", "/etc/pki", "/usr/share/ca-certificates", "/usr/share/zoneinfo").IgnoreIfMissing(),
		landlock.RWFiles("/dev/null").IgnoreIfMissing(),
	}
	if len(p.keep) > 0 {
		rules = append(rules, landlock.RWDirs(p.keep...).WithRefer())
	}
	if f.ReadOnly {
		rules = append(rules, landlock.RODirs(p.own...))
	} else {
		rules = append(rules, landlock.RWDirs(p.own...).WithRefer())
	}
	if p.command != "" {
		rules = append(rules, landlock.RODirs("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", filepath.Dir(p.command)).IgnoreIfMissing())
	}
	if err := landlock.V5.BestEffort().RestrictPaths(rules...); err != nil {
		return "", fmt.Errorf("landlock: %w", err)
	}
	return fmt.Sprintf("Landlock ABI %d", abi), nil
}
