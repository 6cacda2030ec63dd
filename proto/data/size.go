package data

import "io"

// WireSize is the number of bytes that src takes on a data connection under
// o: what SIZE answers (RFC 3659 §4). It reads src to its end. Errors:
// *proto.ParamError and *FileError, as Send's.
func WireSize(src io.Reader, o Options) (int64, error) {
	var n counter
	w, err := newWriter(&n, o)
	if err != nil {
		return 0, err
	}
	if _, err := pump(w.Write, src); err != nil {
		w.Abandon()
		return 0, err
	}
	err = w.Close()
	return int64(n), err
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
