package bulk

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"ferry/proto"
	"ferry/proto/client"
)

// greeting is a network of servers that greet and say no more.
type greeting struct{ proto.Network }

func (greeting) DialContext(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	go func() {
		_, _ = io.WriteString(far, "220 hello\r\n")
		_, _ = io.Copy(io.Discard, far)
	}()
	return near, nil
}

// A helper that is late ends with its file, but not the session that the run
// began with: it may help, and what comes after the run wants it.
func TestSegmentsKeepTheFirstSession(t *testing.T) {
	session := func() *client.Client {
		c, err := client.Dial(t.Context(), "192.0.2.1:21", client.Config{Network: greeting{}, TLS: client.TLSOff})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	r := &run{Engine: &Engine{}}
	r.queue = newQueue(nil)
	first, other := &worker{lead: true, client: session()}, &worker{client: session()}
	f := newSegmented(&worker{run: r}, &task{}, &part{})
	f.life, f.end = context.WithCancelCause(t.Context())
	f.helpers[first], f.helpers[other] = struct{}{}, struct{}{}
	f.close(nil)
	if first.client.Err() != nil || other.client.Err() == nil {
		t.Errorf("the first: %v, the other: %v", first.client.Err(), other.client.Err())
	}
}

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
