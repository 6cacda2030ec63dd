//go:build !linux

package serve

import "errors"

func restrict(places, Files) (string, error) {
	return "", errors.New("this system has no Landlock")
}
