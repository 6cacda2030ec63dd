package bulk

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"ferry/proto/client"
)

// What nobody compares goes by the hands of the kernel: the file itself is handed on.
func TestNothingIsSummedUnasked(t *testing.T) {
	var none *running
	if none.reader(os.Stdin) != io.Reader(os.Stdin) || none.writer(os.Stdout) != io.Writer(os.Stdout) {
		t.Error("the file is wrapped")
	}
}

const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-2, B.1

func TestRunningSum(t *testing.T) {
	r := newRunning(client.SHA256)
	src := strings.NewReader("abc")
	if err := iotest.TestReader(r.reader(src), []byte("abc")); err != nil {
		t.Error(err)
	}
	for _, begin := range []int64{0, 1} {
		_, _ = src.Seek(0, io.SeekStart)
		at := r.reader(src).(io.ReadSeeker)
		_, _ = at.Read(make([]byte, 2))
		_, _ = at.Seek(begin, io.SeekStart)
		_, _ = io.Copy(io.Discard, struct{ io.Reader }{at})
		sum, ok := r.of(3-begin, client.SHA256)
		if ok != (begin == 0) || ok && sum != abc {
			t.Errorf("begun anew at %d: %s, %v", begin, sum, ok)
		}
	}
	var to bytes.Buffer
	_, _ = io.WriteString(r.writer(&to), "abc")
	if sum, ok := r.of(3, client.SHA256); !ok || sum != abc || to.String() != "abc" {
		t.Errorf("written: %s, %v", sum, ok)
	}
	for _, other := range []struct {
		size int64
		algo client.HashAlgo
	}{{2, client.SHA256}, {4, client.SHA256}, {3, client.MD5}} {
		if _, ok := r.of(other.size, other.algo); ok {
			t.Errorf("%v: there is a sum", other)
		}
	}
}

// A server that takes long over a file is not asked about its like.
func TestSlowSums(t *testing.T) {
	s := &Server{}
	if s.sumsLate(1 << 40) {
		t.Error("late before anything is known")
	}
	if !s.learnSumRate(1000, 2*slowSum) || s.learnSumRate(1000, 2*slowSum) {
		t.Error("it is news once")
	}
	for size, late := range map[int64]bool{0: false, 499: false, 500: true, 2000: true} {
		if s.sumsLate(size) != late {
			t.Errorf("%d bytes: %v", size, !late)
		}
	}
}
