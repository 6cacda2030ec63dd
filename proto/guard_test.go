package proto_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
)

var errStop = errors.New("the user said stop")

func TestGuardWakesRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		ctx, cancel := context.WithCancelCause(t.Context())
		release := proto.Guard(ctx, near)
		defer release()
		time.AfterFunc(time.Minute, func() { cancel(errStop) })
		start := time.Now()
		_, err := near.Read(make([]byte, 1))
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if got := proto.Cause(ctx, err); !errors.Is(got, errStop) {
			t.Errorf("cause %v", got)
		}
	})
}

func TestGuardReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		ctx, cancel := context.WithCancel(t.Context())
		release := proto.Guard(ctx, near)
		release()
		release()
		cancel()
		synctest.Wait()
		go far.Write([]byte("x"))
		if _, err := near.Read(make([]byte, 1)); err != nil {
			t.Errorf("after release: %v", err)
		}
	})
}

// slow takes its time to set a deadline.
type slow struct{ set int }

func (s *slow) SetDeadline(time.Time) error {
	time.Sleep(time.Second)
	s.set++
	return nil
}

// Once release has returned, the guard sets nothing any more: whoever then
// sets a deadline of his own keeps it.
func TestGuardReleaseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &slow{}
		release := proto.Guard(ctx, s)
		cancel()
		synctest.Wait()
		release()
		if s.set != 1 {
			t.Errorf("released before the deadline was set (%d)", s.set)
		}
	})
}

func TestCause(t *testing.T) {
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errStop)
	timeout := &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
	tests := []struct {
		name string
		ctx  context.Context
		err  error
		want error
	}{
		{"no error", ended, nil, nil},
		{"no timeout", ended, io.EOF, io.EOF},
		{"timeout of the guard", ended, timeout, errStop},
		{"timeout of somebody else", t.Context(), timeout, os.ErrDeadlineExceeded},
	}
	for _, tt := range tests {
		if got := proto.Cause(tt.ctx, tt.err); !errors.Is(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
