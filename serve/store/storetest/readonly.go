package storetest

import (
	"io/fs"
	"testing"
	"time"

	"ferry/serve/store"
)

// RunReadOnly checks that what wrap makes of a store can be read, and nothing
// else.
func RunReadOnly(t *testing.T, s store.Store, wrap func(store.Store) store.Store) {
	ctx := t.Context()
	t.Cleanup(func() { s.Close() })
	put(t, s, "/f", "text")
	mkdir(t, s, "/d")
	u := create(t, s, "/broken", store.CreateOptions{Owner: "ann"})
	write(t, u, "half")
	discard(t, u)

	r := wrap(s)
	wantFile(t, r, "/f", "text")
	if n := len(names(t, r, "/")); n != 2 {
		t.Errorf("%d names", n)
	}
	if e, err := r.Stat(ctx, "/f"); err != nil || e.Size != 4 {
		t.Errorf("stat %+v, %v", e, err)
	}
	wantPart(t, r, "/broken", "ann", -1)
	_, cerr := r.Create(ctx, "/g", store.CreateOptions{})
	for op, err := range map[string]error{
		"upload": cerr,
		"mkdir":  r.Mkdir(ctx, "/g"),
		"remove": r.Remove(ctx, "/f"),
		"rmdir":  r.RemoveDir(ctx, "/d"),
		"rename": r.Rename(ctx, "/f", "/g", store.Replace),
		"link":   r.Symlink(ctx, "f", "/g"),
		"time":   r.SetModTime(ctx, "/f", time.Now()),
		"create": r.SetCreateTime(ctx, "/f", time.Now()),
		"mode":   r.SetMode(ctx, "/f", 0o600),
	} {
		wantErr(t, op, err, fs.ErrPermission)
	}
	if n := len(names(t, s, "/")); n != 2 {
		t.Errorf("%d names after all that", n)
	}
	wantFile(t, s, "/f", "text")
}
