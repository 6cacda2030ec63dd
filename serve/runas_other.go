//go:build !unix

package serve

import "errors"

func (d Daemon) identity() (identity, error) {
	if d.RunAs != "" {
		return identity{}, errors.ErrUnsupported
	}
	return identity{uid: -1}, nil
}

func become(identity) error { return nil }

func setUmask(int) error { return errors.ErrUnsupported }
