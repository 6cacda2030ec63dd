//go:build !linux

package proto

import "errors"

func setCongestion(any, string) error { return errors.ErrUnsupported }
