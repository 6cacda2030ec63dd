package bulk

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"ferry/proto"
)

// node is one entry of a tree, at either end.
type node struct {
	name      string
	path      string // of this system or on the server
	kind      proto.Kind
	size      int64
	time      time.Time
	precision time.Duration // in which two times are the same
	mode      fs.FileMode   // of a local one
	perm      fs.FileMode   // of a remote one: permission bits, 0 when not known
	link      bool          // it was reached through a symbolic link

	children []*node // of a directory, by name
	temps    []*node // half uploads of ours in it
	listed   bool    // children are all there are; else faults say why not
	faults   []fault
}

// fault is what could not be looked at, or not be taken.
type fault struct {
	name string // of the child; "" for the node itself
	err  error
}

func (n *node) dir() bool { return n != nil && n.kind == proto.Directory }

// child is the one of that name, nil when there is none.
func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(n.children, name, func(c *node, name string) int { return strings.Compare(c.name, name) })
	if !ok {
		return nil
	}
	return n.children[i]
}

func (n *node) sort() {
	slices.SortFunc(n.children, func(a, b *node) int { return strings.Compare(a.name, b.name) })
}

// target is what stands at the name of a node; the zero value when nothing does.
func (n *node) target() target {
	if n == nil {
		return target{}
	}
	return target{exists: true, dir: n.dir(), size: n.size, time: n.time, precision: n.precision, perm: n.perm}
}

// errDangling is a local link to nothing: the name is there, so "no such file"
// would send its reader looking for the wrong thing.
var errDangling = errors.New("the link leads nowhere")

func entryNode(path string, e proto.Entry) *node {
	n := &node{name: e.Name, path: path, kind: e.Kind, size: e.Size, time: e.Modify, precision: e.Precision}
	if e.HasMode {
		n.perm = e.Mode.Perm()
	}
	if n.kind == proto.CurrentDir || n.kind == proto.ParentDir {
		n.kind = proto.Directory
	}
	return n
}

func infoNode(path string, info fs.FileInfo) *node {
	n := &node{name: info.Name(), path: path, size: info.Size(), time: info.ModTime(), mode: info.Mode()}
	switch {
	case info.IsDir():
		n.kind = proto.Directory
	case info.Mode().IsRegular():
		n.kind = proto.RegularFile
	case info.Mode()&fs.ModeSymlink != 0:
		n.kind = proto.Symlink
	default:
		n.kind = proto.Special
	}
	return n
}

// localNode is what stands at a local name, links followed; nil for nothing.
func localNode(name string) (*node, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return infoNode(name, info), nil
}
