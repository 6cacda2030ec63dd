package proto

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// aLongTimeAgo is a deadline that has passed: it wakes every blocked call.
var aLongTimeAgo = time.Unix(1, 0)

// Guard wakes reads and writes on nc when ctx ends. release undoes it and
// must be called; a deadline that the guard has set stays, and none is set
// once release has returned. It is the only bridge from a context to a socket.
func Guard(ctx context.Context, nc interface{ SetDeadline(time.Time) error }) (release func()) {
	set := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(set)
		_ = nc.SetDeadline(aLongTimeAgo)
	})
	return sync.OnceFunc(func() {
		if !stop() {
			<-set
		}
	})
}

// Cause returns ctx's error when err came of a deadline that Guard set, else err.
func Cause(ctx context.Context, err error) error {
	var ne net.Error
	if err != nil && ctx.Err() != nil && errors.As(err, &ne) && ne.Timeout() {
		return context.Cause(ctx)
	}
	return err
}
