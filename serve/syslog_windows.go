package serve

import (
	"errors"
	"io"
)

// dialSyslog: Windows has none.
func dialSyslog(string) (io.WriteCloser, error) { return nil, errors.ErrUnsupported }
