package serve

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"ferry/serve/store"
	"ferry/serve/users"
)

// One file over several sessions. RANG and STOR write into a file that is there,
// each session at a place of its own; what is missing is a file of the right
// size to write into. ALLO in front of the first range makes one:
//
//	ALLO 1000, RANG 0 249, STOR x   x has 1000 bytes: those, and zeros
//	RANG 250 499, STOR x            beside RANG 500 999, STOR x of another session
//
// FEAT says so (RANG STREAM;ALLO) where it is served. Whether all has come is
// for the client to see (HASH), and until then x is a name of its own.

// bytes is how many bytes the next upload has, as far as was told; 0: it was not.
func (o oneShot) bytes() int64 {
	if o.until > 0 {
		return o.until - o.offset
	}
	return o.size
}

// spreads reports whether an upload makes a file larger than itself, for other
// ranges to be written into.
//
// SECURITY: what may not be written in place later is not begun: under
// overwrite deny, without the permission, and where uploads are examined as a
// whole, nothing but a file with a hole would come of it.
func (s *session) spreads(ctx context.Context, name string) (bool, error) {
	o := s.left
	if o.until == 0 || o.size <= o.until {
		return false, nil
	}
	switch _, err := s.store.Stat(ctx, name); {
	case err == nil:
		return false, nil // it has its size
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	case !s.srv.spreads():
		return false, refuse(noPermission, "Files are not written in ranges here; send it whole.")
	case !s.mayAt(users.Append, name):
		return false, fs.ErrPermission
	}
	return true, nil
}

// spreads reports whether files may be put together from ranges at all.
func (srv *Server) spreads() bool {
	return srv.cfg.Examine == nil && srv.overwrite() != OverwriteDeny
}

// featRange is the line of RANG in FEAT.
func featRange(s *session) string {
	if s.srv.spreads() {
		return "RANG STREAM;ALLO"
	}
	return "RANG STREAM"
}

// extend gives an upload its whole size. The last byte is written, so that a
// quota counts all of it now.
func extend(u store.Upload, size int64) error {
	if _, err := u.Seek(size-1, io.SeekStart); err != nil {
		return err
	}
	_, err := u.Write([]byte{0})
	return err
}
