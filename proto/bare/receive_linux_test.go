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

// newFile is a file to be written.
func newFile(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// What comes is written behind what is there, to the end or to the most that is
// wanted, also when it comes so late that the connection is the poller's again.
func TestReceiveFile(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	size := int64(len(content))
	for name, c := range map[string]struct {
		most int64
		wait time.Duration
		late bool
	}{
		"all":             {1 << 40, time.Minute, false},
		"exactly":         {size, time.Minute, false},
		"a part":          {3<<20 + 5, time.Minute, false},
		"nothing":         {0, time.Minute, false},
		"what comes late": {1 << 40, 5 * time.Millisecond, true},
		"a part of that":  {3<<20 + 5, 5 * time.Millisecond, true},
	} {
		near, far := pair(t)
		mustBeBare(t, near, c.wait)
		f := newFile(t)
		f.WriteString("before")
		var all sync.WaitGroup
		all.Go(func() {
			defer far.Close()
			far.Write(content[:7])
			for c.late && near.IsBare() {
				time.Sleep(time.Millisecond)
			}
			far.Write(content[7:])
		})
		want := content[:min(c.most, size)]
		n, err := near.ReceiveFile(f, c.most)
		if err != nil || n != int64(len(want)) || near.IsBare() == c.late {
			t.Errorf("%s: %d came, %v, bare: %v", name, n, err, near.IsBare())
		}
		rest, _ := io.ReadAll(near)
		near.Close()
		all.Wait()
		got, err := os.ReadFile(f.Name())
		if err != nil || string(got) != "before"+string(want) || !bytes.Equal(rest, content[len(want):]) {
			t.Errorf("%s: %d bytes are in the file, %d came behind, or others, %v", name, len(got), len(rest), err)
		}
	}
}

// Files that can't be written, deadlines and connections that are no more are told
// for what they are.
func TestReceiveFileFails(t *testing.T) {
	near, far := pair(t)
	mustBeBare(t, near, time.Minute)
	far.Write([]byte("abc"))
	f := newFile(t)
	for range 2 { // the second time it waits
		near.SetReadDeadline(time.Unix(1, 0))
		if n, err := near.ReceiveFile(f, 9); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after the deadline: %d, %v", n, err)
		}
		if _, err := near.Polled(); err != nil {
			t.Fatal(err)
		}
	}
	near.SetReadDeadline(time.Time{})
	mustBeBare(t, near, time.Minute)
	unwritable := diskFile(t, nil)
	var pe *os.PathError
	if n, err := near.ReceiveFile(unwritable, 9); n != 0 || !errors.As(err, &pe) {
		t.Errorf("into a file that can't be written: %d, %v", n, err)
	}
	far.SetLinger(0)
	far.Close()
	var ne *net.OpError
	if n, err := near.ReceiveFile(f, 9); n != 0 || !errors.As(err, &ne) {
		t.Errorf("from a connection that was cut: %d, %v", n, err)
	}
	near.Close()
	if _, err := near.ReceiveFile(f, 9); !errors.Is(err, net.ErrClosed) {
		t.Errorf("from one that is closed: %v", err)
	}
}
