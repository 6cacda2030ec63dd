package bulk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"ferry/proto/client"
)

// A part that can't be read fails its file: nobody waits for a change that
// won't come.
func TestSegmentOfAPartThatIsUnreadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file, err := os.Create(filepath.Join(t.TempDir(), "part"))
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		p := &part{File: file, holes: true, spans: spans{{0, 4 << 20}}}
		f := &segmented{
			part: p, size: 8 << 20, have: p.spans.shortened(overlap),
			active: map[*segment]struct{}{}, changed: make(chan struct{}),
		}
		f.gaps = f.have.gaps(f.size)
		f.life, f.end = context.WithCancelCause(t.Context())
		defer f.end(nil)
		var local *client.LocalError
		if err := f.lead(nil); !errors.As(err, &local) || !errors.Is(err, os.ErrClosed) {
			t.Errorf("%v", err)
		}
	})
}
