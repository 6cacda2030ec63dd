package serve

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"ferry/serve/users"
)

// Confinement says whether a daemon gives up what it does not need. Servers in
// somebody else's process must not: it is for the whole process, and for good.
type Confinement int

const (
	Unconfined Confinement = iota // privileges are given up only when RunAs says so
	Confined                      // root is given up after binding, and files outside are out of reach
	NoLandlock                    // as Confined, but the kernel is not asked to keep files out of reach
)

// identity is who a process becomes.
type identity struct {
	name     string
	uid, gid int
}

// places are the directories that a server needs once it runs.
type places struct {
	own     []string // the users' files
	keep    []string // what the server keeps for itself
	look    []string // settings that are read again when they change
	command string   // that is run for logins; "": none
}

// confine puts all files but those that are needed out of reach, where the
// kernel can do that.
//
// SECURITY: what a fault in this server could be made to do ends at its roots.
// It comes last: what is open by then (listeners, log, keys) stays so. reach is
// what is left of the file system for users; nil: all of it.
func (d Daemon) confine(log *slog.Logger, who users.Directory, keeps []string) (reach []string) {
	if d.Confine != Confined {
		return nil
	}
	p := d.places(who)
	for _, dir := range keeps {
		if dir != "" {
			p.keep = append(p.keep, dir)
		}
	}
	how, err := restrict(p, d.Files)
	if err != nil {
		log.Warn("files outside are not out of reach", "err", err)
		return nil
	}
	log.Info("files outside are out of reach", "by", how, "reachable", strings.Join(p.own, " "))
	return p.own
}

// beyond tells of roots that have come since confine, and lie elsewhere:
// Landlock is for good. A parent starts another process, which reaches them.
func (d Daemon) beyond(log *slog.Logger, who users.Directory, reach []string) {
	l, ok := who.(users.Lister)
	if !ok || reach == nil {
		return
	}
	for _, r := range l.Records() {
		for _, root := range append(slices.Sorted(maps.Values(r.Mounts)), r.Root) {
			if filepath.IsAbs(root) && !slices.ContainsFunc(reach, func(dir string) bool { return within(root, dir) }) {
				if w := d.Handed.Parent; w != nil && w.Wish("users: the root of "+r.Name) == nil {
					return
				}
				log.Error("root is out of reach until the server is started again", "user", r.Name, "root", root,
					"hint", "files outside the roots of the start were put out of reach for good; --no-landlock leaves them")
			}
		}
	}
}

// within reports whether a path is a directory or in it, links followed.
func within(path, dir string) bool {
	real := func(p string) string {
		if q, err := filepath.EvalSymlinks(p); err == nil {
			p = q
		}
		if abs, err := filepath.Abs(p); err == nil {
			p = abs
		}
		return p
	}
	rel, err := filepath.Rel(real(dir), real(path))
	return err == nil && filepath.IsLocal(rel)
}

// places are known from the settings as they are now. A root that is added
// later and lies elsewhere needs a new start.
func (d Daemon) places(who users.Directory) places {
	p := places{own: []string{d.Dir}}
	add := func(root string) {
		if filepath.IsAbs(root) {
			if _, err := os.Stat(root); err == nil {
				p.own = append(p.own, root)
			}
		}
	}
	if l, ok := who.(users.Lister); ok {
		for _, r := range l.Records() {
			add(r.Root)
			for _, m := range r.Mounts {
				add(m)
			}
		}
	}
	if len(d.AuthCommand) > 0 {
		if path, err := exec.LookPath(d.AuthCommand[0]); err == nil {
			p.command, _ = filepath.Abs(path)
		}
	}
	for _, path := range []string{d.LogFile, d.Written.Xferlog} {
		if path != "" && !strings.Contains(path, ":") {
			p.keep = append(p.keep, filepath.Dir(path)) // a new file is begun beside the old one; the journal only grows
		}
	}
	if d.UsersFile != "" && d.Control.Web != "" {
		p.keep = append(p.keep, filepath.Dir(d.UsersFile)) // SECURITY: the price of a page that edits users
	}
	if d.UsersFile != "" {
		p.look = append(p.look, filepath.Dir(d.UsersFile))
	}
	for _, v := range d.Servers {
		if v.Users != "" {
			p.look = append(p.look, filepath.Dir(v.Users))
		}
	}
	if d.ConfigFile != "" && d.Handed.Parent == nil {
		p.look = append(p.look, filepath.Dir(d.ConfigFile))
	}
	for _, pair := range d.allPairs() {
		if d.Handed.Parent != nil {
			break // it reads them
		}
		p.look = append(p.look, filepath.Dir(pair.Cert))
		if pair.Key != "" {
			p.look = append(p.look, filepath.Dir(pair.Key))
		}
	}
	return p
}

// drop gives root up, if asked to or on the command line's behalf, before
// anything of a stranger is read.
func (d Daemon) drop(log *slog.Logger) error {
	if d.RunAs == "" && d.Confine == Unconfined {
		return nil
	}
	id, err := d.identity()
	if err == nil {
		err = become(id)
	}
	if err != nil && d.RunAs != "" {
		return &StartError{fmt.Errorf("serve: --run-as %s: %w", d.RunAs, err), "only root can become another user, and only one that this machine knows"}
	}
	if err != nil {
		return &StartError{fmt.Errorf("serve: giving root up: %w", err), "--run-as USER names whom to become; root stays root, without its powers"}
	}
	switch {
	case id.uid > 0:
		log.Info("root is given up", "user", id.name, "uid", id.uid, "gid", id.gid)
	case id.uid == 0:
		log.Warn("still root, since root owns the directory; its powers over others' files are given up", "dir", d.Dir)
	}
	return nil
}
