package data

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// tcpPair is two ends of a connection of the system.
func tcpPair(t *testing.T) (here, there *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	a, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a.(*net.TCPConn), b.(*net.TCPConn)
}

// diskFile is a file of the system, standing at its start.
func diskFile(t *testing.T, content []byte) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	f.Write(content)
	f.Seek(0, io.SeekStart)
	return f
}

func randomBytes(n int) []byte {
	r := rand.NewChaCha8([32]byte{})
	b := make([]byte, n)
	r.Read(b)
	return b
}

// Between a file and a TCP connection the kernel moves the bytes, whatever the
// file is wrapped in, and nothing of ours or of package net copies them.
func TestKernelSends(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("copied there: see wire.whole")
	}
	all := randomBytes(sendChunk + 12345)
	long, short := len(all), 1<<20
	for name, c := range map[string]struct {
		src              func(f *os.File) io.Reader
		size, start, end int
	}{
		"file":         {func(f *os.File) io.Reader { return f }, short, 0, short},
		"long file":    {func(f *os.File) io.Reader { return f }, long, 0, long},
		"from offset":  {func(f *os.File) io.Reader { f.Seek(1000, io.SeekStart); return f }, short, 1000, short},
		"range":        {func(f *os.File) io.Reader { f.Seek(7, io.SeekStart); return io.LimitReader(f, 420000) }, short, 7, 420007},
		"long range":   {func(f *os.File) io.Reader { return io.LimitReader(f, sendChunk+1) }, long, 0, sendChunk + 1},
		"wide range":   {func(f *os.File) io.Reader { return io.LimitReader(f, 1<<40) }, short, 0, short},
		"empty range":  {func(f *os.File) io.Reader { return io.LimitReader(f, 0) }, short, 0, 0},
		"store's file": {func(f *os.File) io.Reader { return stored{f} }, short, 0, short},
	} {
		for _, stall := range []time.Duration{0, time.Minute} {
			here, there := tcpPair(t)
			var moved atomic.Int64
			conn, content := NewConn(here), all[:c.size]
			done := make(chan bool)
			go func() {
				defer close(done)
				src := c.src(diskFile(t, content))
				n, err := Send(t.Context(), conn, src, Options{Params: params(t, "I F S"), Stall: stall, Moved: &moved})
				if err != nil || n != int64(c.end-c.start) || moved.Load() != n {
					t.Errorf("%s: %d sent, %d moved, %v", name, n, moved.Load(), err)
				}
				conn.Close()
			}()
			got, err := io.ReadAll(there)
			<-done
			if err != nil || !bytes.Equal(got, content[c.start:c.end]) {
				t.Errorf("%s: received %d bytes, %v", name, len(got), err)
			}
			if conn.route != routeKernel {
				t.Errorf("%s: went by route %d", name, conn.route)
			}
		}
	}
}

// stored is a file as a store hands it out.
type stored struct{ *os.File }

func (s stored) OSFile() *os.File { return s.File }

func TestKernelReceives(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("splice to a file is Linux's")
	}
	content := randomBytes(3*receiveChunk + 12345)
	whole := int64(len(content))
	for name, c := range map[string]struct {
		max, want int64
		err       error
	}{
		"no bound": {0, whole, nil},
		"wide":     {whole + 1, whole, nil},
		"exact":    {whole, whole, nil},
		"tight":    {whole - 1, whole - 1, ErrTooLarge},
		"one":      {1, 1, ErrTooLarge},
	} {
		here, there := tcpPair(t)
		go func() {
			there.Write(content)
			there.Close()
		}()
		var moved atomic.Int64
		f := diskFile(t, nil)
		conn := NewConn(here)
		n, err := Receive(t.Context(), upload{f}, conn, Options{Params: params(t, "L 8 F S"), Max: c.max, Stall: time.Minute, Moved: &moved})
		if err != c.err || n != c.want || moved.Load() != n {
			t.Errorf("%s: %d received, %d moved, %v", name, n, moved.Load(), err)
		}
		if got, _ := os.ReadFile(f.Name()); !bytes.Equal(got, content[:c.want]) {
			t.Errorf("%s: %d bytes on disk", name, len(got))
		}
		if conn.route != routeKernel {
			t.Errorf("%s: went by route %d", name, conn.route)
		}
	}
}

// Had anything copied the bytes, it would have needed a buffer.
func TestKernelNeedsNoBuffer(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sendfile and splice, as on Linux")
	}
	content := randomBytes(sendChunk + 1)
	f, back := diskFile(t, content), diskFile(t, nil)
	transfer := func() {
		here, there := tcpPair(t)
		f.Seek(0, io.SeekStart)
		done := make(chan error)
		go func() {
			_, err := Receive(t.Context(), back, NewConn(there), Options{Params: params(t, "I F S")})
			done <- err
		}()
		if _, err := Send(t.Context(), NewConn(here), f, Options{Params: params(t, "I F S")}); err != nil {
			t.Error(err)
		}
		here.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	transfer()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	transfer()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 24<<10 {
		t.Errorf("%d bytes of memory for a transfer: something copies", n)
	}
	got, _ := os.ReadFile(back.Name())
	if want := append(bytes.Clone(content), content...); !bytes.Equal(got, want) {
		t.Error("the file is not what was sent twice")
	}
}

// Where the kernel can't move the bytes as they are, they are copied.
func TestCopyRoutes(t *testing.T) {
	content := []byte("a\nb\n")
	for name, c := range map[string]struct {
		src    io.Reader
		params string
		want   route
	}{
		"no file":   {bytes.NewReader(content), "I F S", routeCopy},
		"hidden":    {plainReader{diskFile(t, content)}, "I F S", routeCopy},
		"converted": {diskFile(t, content), "A N F S", routeLayers},
		"framed":    {diskFile(t, content), "I F B", routeLayers},
	} {
		here, _ := tcpPair(t)
		conn := NewConn(here)
		if _, err := Send(t.Context(), conn, c.src, Options{Params: params(t, c.params)}); err != nil || conn.route != c.want {
			t.Errorf("%s: route %d, %v", name, conn.route, err)
		}
	}
}

// A deadline within a chunk of the kernel's loses and repeats nothing.
func TestKernelGoesOnAfterDeadlines(t *testing.T) {
	content := randomBytes(8 << 20)
	here, there := tcpPair(t)
	here.SetWriteBuffer(64 << 10)
	there.SetReadBuffer(64 << 10)
	go func() {
		w := newWire(t.Context(), NewConn(here), Options{Stall: time.Minute})
		w.tick = time.Millisecond
		if n, err := w.sendFile(kernelSink(here), diskFile(t, content), 0, nil); err != nil {
			t.Errorf("%d sent, %v", n, err)
		}
		here.Close()
	}()
	beat := time.NewTicker(2 * time.Millisecond)
	defer beat.Stop()
	var got []byte
	for buf := make([]byte, 128<<10); ; <-beat.C {
		n, err := there.Read(buf)
		got = append(got, buf[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, content) {
		t.Errorf("%d bytes of %d, or others", len(got), len(content))
	}
}

// dropping is how package net behaves when a deadline has passed before it
// begins: it reads, and drops what it has read.
type dropping struct {
	sent  bytes.Buffer
	calls int
}

func (d *dropping) SendFile(f *os.File, most int64) (int64, error) {
	r := io.LimitReader(f, most)
	d.calls++
	if d.calls%2 == 1 {
		io.CopyN(io.Discard, r, 32<<10)
		return 0, os.ErrDeadlineExceeded
	}
	n, err := io.CopyN(&d.sent, r, 100<<10)
	if err == io.EOF {
		err = nil
	}
	return n, errors.Join(err, os.ErrDeadlineExceeded)
}

func TestKernelDropsNothing(t *testing.T) {
	content := randomBytes(1 << 20)
	f := diskFile(t, content)
	f.Seek(5, io.SeekStart)
	var to dropping
	w := newWire(t.Context(), NewConn(&tape{}), Options{Stall: time.Minute})
	limit := &io.LimitedReader{R: f, N: 1<<20 - 10}
	n, err := w.sendFile(to.SendFile, f, 5, limit)
	if err != nil || limit.N != 0 || n != 1<<20-10 || !bytes.Equal(to.sent.Bytes(), content[5:1<<20-5]) {
		t.Errorf("%d sent, %d arrived, %v", n, to.sent.Len(), err)
	}
}

func TestKernelStallsAndWakes(t *testing.T) {
	content := randomBytes(16 << 20) // more than the sockets take
	here, _ := tcpPair(t)
	if _, err := Send(t.Context(), NewConn(here), diskFile(t, content), Options{Params: params(t, "I F S"), Stall: 50 * time.Millisecond}); err != ErrStalled {
		t.Errorf("send: %v", err)
	}
	here, _ = tcpPair(t)
	if _, err := Receive(t.Context(), diskFile(t, nil), NewConn(here), Options{Params: params(t, "I F S"), Stall: 50 * time.Millisecond}); err != ErrStalled {
		t.Errorf("receive: %v", err)
	}
	reason := errors.New("user asked")
	for name, run := range map[string]func(context.Context, *Conn) error{
		"send": func(ctx context.Context, c *Conn) error {
			_, err := Send(ctx, c, diskFile(t, content), Options{Params: params(t, "I F S")})
			return err
		},
		"receive": func(ctx context.Context, c *Conn) error {
			_, err := Receive(ctx, diskFile(t, nil), c, Options{Params: params(t, "I F S")})
			return err
		},
	} {
		here, _ := tcpPair(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { done <- run(ctx, NewConn(here)) }()
		time.AfterFunc(20*time.Millisecond, func() { cancel(reason) })
		begin := time.Now()
		if err := <-done; err != reason || time.Since(begin) > 2*time.Second {
			t.Errorf("%s: %v after %v", name, err, time.Since(begin))
		}
	}
}

// Who failed is told: the file or the connection.
func TestKernelBlames(t *testing.T) {
	o := Options{Params: params(t, "I F S")}
	var fe *FileError

	here, there := tcpPair(t)
	there.Write([]byte("abc"))
	there.Close()
	f := diskFile(t, nil)
	readOnly, err := os.Open(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	if _, err := Receive(t.Context(), readOnly, NewConn(here), o); !errors.As(err, &fe) {
		t.Errorf("destination not writable: %v", err)
	}

	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	here, _ = tcpPair(t)
	if _, err := Send(t.Context(), NewConn(here), dir, o); !errors.As(err, &fe) {
		t.Errorf("source not readable: %v", err)
	}

	here, there = tcpPair(t)
	there.SetLinger(0)
	there.Close()
	if _, err := Receive(t.Context(), diskFile(t, nil), NewConn(here), o); err == nil || errors.As(err, &fe) {
		t.Errorf("connection reset: %v", err)
	}
	here, there = tcpPair(t)
	there.SetLinger(0)
	there.Close()
	if _, err := Send(t.Context(), NewConn(here), diskFile(t, randomBytes(16<<20)), o); err == nil || errors.As(err, &fe) {
		t.Errorf("connection reset: %v", err)
	}
	here, _ = tcpPair(t)
	here.Close()
	if _, err := Receive(t.Context(), diskFile(t, nil), NewConn(here), o); err == nil || errors.As(err, &fe) {
		t.Errorf("connection closed: %v", err)
	}
}
