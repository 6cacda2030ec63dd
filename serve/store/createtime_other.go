//go:build !windows

package store

import (
	"errors"
	"os"
	"time"
)

// canCreateTimes: Unix notes the time of creation, if at all, by itself.
const canCreateTimes = false

func setCreateTime(*os.Root, string, time.Time) error { return errors.ErrUnsupported }
