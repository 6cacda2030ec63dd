//go:build !linux

package serve

import (
	"errors"
	"syscall"
)

// watcher is not made here: sessions keep their goroutines.
type watcher struct{}

const canWatch = false

func newWatcher() (*watcher, error) { return nil, errors.ErrUnsupported }

func (*watcher) next(syscall.RawConn, uint64) error { return errors.ErrUnsupported }
func (*watcher) run(func(id uint64))                {}
func (*watcher) close()                             {}
