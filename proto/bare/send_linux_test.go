package bare

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// diskFile is a file with this content, that stands at its beginning.
func diskFile(t *testing.T, content []byte) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// A file goes from where it stands to where it should end, whether it is read at
// once or only when the connection is the poller's again.
func TestSendFile(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // more than the sockets take
	for name, c := range map[string]struct {
		from, most int64
		wait       time.Duration
		late       bool
	}{
		"all":                    {0, int64(len(content)), time.Minute, false},
		"a part":                 {5, 3 << 20, time.Minute, false},
		"more than there is":     {1 << 20, 1 << 40, time.Minute, false},
		"nothing":                {int64(len(content)), 10, time.Minute, false},
		"to whom nobody listens": {7, int64(len(content)) - 9, 10 * time.Millisecond, true},
	} {
		near, far := pair(t)
		mustBeBare(t, near, c.wait)
		f := diskFile(t, content)
		f.Seek(c.from, io.SeekStart)
		var got []byte
		var all sync.WaitGroup
		all.Go(func() {
			for c.late && near.IsBare() {
				time.Sleep(time.Millisecond)
			}
			got, _ = io.ReadAll(far)
		})
		want := content[c.from:min(int64(len(content)), c.from+c.most)]
		n, err := near.SendFile(f, c.most)
		if err != nil || n != int64(len(want)) || !c.late && !near.IsBare() {
			t.Errorf("%s: %d sent, %v, bare: %v", name, n, err, near.IsBare())
		}
		if at, err := f.Seek(0, io.SeekCurrent); at != c.from+n || err != nil {
			t.Errorf("%s: the file stands at %d, %v", name, at, err)
		}
		near.Close()
		all.Wait()
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes came, or others", name, len(got))
		}
	}
}

// Deadlines, closed connections and what is no file are told for what they are.
func TestSendFileFails(t *testing.T) {
	content := make([]byte, 16<<20)
	near, _ := pair(t)
	mustBeBare(t, near, time.Millisecond)
	near.SetWriteDeadline(time.Unix(1, 0))
	if n, err := near.SendFile(diskFile(t, content), 1); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || !near.IsBare() {
		t.Errorf("after the deadline: %d, %v", n, err)
	}
	f := diskFile(t, content)
	near.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
	n, err := near.SendFile(f, 1<<40)
	if at, _ := f.Seek(0, io.SeekCurrent); at < n || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("until the deadline: %d, %v, the file stands at %d", n, err, at)
	}

	near, far := pair(t)
	mustBeBare(t, near, time.Minute)
	far.SetLinger(0)
	far.Close()
	var ne *net.OpError
	for err = nil; err == nil; { // the first bytes may go
		_, err = near.SendFile(f, 1)
		f.Seek(0, io.SeekStart)
	}
	if !errors.As(err, &ne) {
		t.Errorf("to a closed connection: %v", err)
	}

	near, _ = pair(t)
	mustBeBare(t, near, time.Minute)
	near.Close()
	if _, err := near.SendFile(f, 1); !errors.Is(err, net.ErrClosed) {
		t.Errorf("over a closed connection: %v", err)
	}
}
