//go:build !unix

package serve

import "errors"

func runAs(string) error { return errors.ErrUnsupported }
