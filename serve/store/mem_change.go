package store

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"strings"
	"time"
)

// Mkdir makes one directory.
func (m *Mem) Mkdir(ctx context.Context, name string) error {
	return m.do(ctx, "mkdir", name, func() error {
		if m.nodes[name] != nil {
			return fs.ErrExist
		}
		if err := m.room(name); err != nil {
			return err
		}
		m.nodes[name] = &node{dir: true, mode: 0o755, modify: time.Now()}
		return nil
	})
}

// Remove deletes a file.
func (m *Mem) Remove(ctx context.Context, name string) error {
	return m.do(ctx, "remove", name, func() error {
		n, err := m.get(name)
		switch {
		case err != nil:
			return err
		case n.dir:
			return ErrIsDir
		case m.uses[n] > 0 || m.ups[name] > 0:
			return ErrBusy
		}
		m.used -= int64(len(n.data))
		delete(m.nodes, name)
		return nil
	})
}

// RemoveDir deletes a directory in which nothing is but parts.
func (m *Mem) RemoveDir(ctx context.Context, name string) error {
	return m.do(ctx, "rmdir", name, func() error {
		n, err := m.get(name)
		switch {
		case err != nil:
			return err
		case !n.dir:
			return ErrNotDir
		case name == "/":
			return fs.ErrPermission
		case len(m.children(name)) > 0:
			return ErrNotEmpty
		}
		for up := range m.ups {
			if path.Dir(up) == name {
				return ErrBusy
			}
		}
		for id, part := range m.parts {
			if path.Dir(id.name) == name {
				m.used -= int64(len(part.data))
				delete(m.parts, id)
			}
		}
		delete(m.nodes, name)
		return nil
	})
}

// Rename moves a file, or a directory with all that is in it.
func (m *Mem) Rename(ctx context.Context, from, to string, on Overwrite) error {
	if err := check(to); err != nil {
		return pathError("rename", to, err)
	}
	return m.do(ctx, "rename", from, func() error { return m.rename(from, to, on) })
}

func (m *Mem) rename(from, to string, on Overwrite) error {
	n, err := m.get(from)
	if err == nil {
		err = m.room(to)
	}
	old := m.nodes[to]
	switch {
	case err != nil:
		return err
	case from == "/" || to == "/":
		return fs.ErrPermission
	case strings.HasPrefix(to, from+"/"):
		return ErrName
	case old != nil && (on == Deny || from != to && (old.dir || n.dir)):
		return fs.ErrExist
	case from == to:
		return nil
	}
	if old != nil {
		m.used -= int64(len(old.data))
	}
	move(m.nodes, from, to)
	for id, part := range m.parts {
		if strings.HasPrefix(id.name, from+"/") {
			delete(m.parts, id)
			m.parts[partID{to + id.name[len(from):], id.owner}] = part
		}
	}
	return nil
}

// move renames a node and all below it.
func move(nodes map[string]*node, from, to string) {
	for name, n := range maps.Clone(nodes) {
		if name == from || strings.HasPrefix(name, from+"/") {
			delete(nodes, name)
			nodes[to+name[len(from):]] = n
		}
	}
}

// Symlink: there are none.
func (m *Mem) Symlink(ctx context.Context, _, name string) error {
	return pathError("symlink", name, errors.ErrUnsupported)
}

// SetModTime sets the time of last change.
func (m *Mem) SetModTime(ctx context.Context, name string, t time.Time) error {
	return m.do(ctx, "set time", name, func() error {
		n, err := m.get(name)
		if err == nil {
			n.modify = t
		}
		return err
	})
}

// SetCreateTime sets the time of creation.
func (m *Mem) SetCreateTime(ctx context.Context, name string, t time.Time) error {
	return m.do(ctx, "set create time", name, func() error {
		n, err := m.get(name)
		if err == nil {
			n.create = t
		}
		return err
	})
}

// SetMode sets permission bits. They are remembered, not obeyed.
func (m *Mem) SetMode(ctx context.Context, name string, mode fs.FileMode) error {
	return m.do(ctx, "chmod", name, func() error {
		n, err := m.get(name)
		if err == nil {
			n.mode = mode.Perm()
		}
		return err
	})
}
