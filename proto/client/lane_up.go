package client

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"

	"ferry/proto"
	"ferry/proto/data"
)

// upload sends the files. One goroutine puts them on the lane, as fast as it
// takes them; this one sends commands and reads replies.
func (v *convoy) upload(ctx context.Context, each func(int, Verdict)) (int, error) {
	sctx, stop := context.WithCancel(ctx)
	defer stop()
	refused := make([]atomic.Bool, len(v.errands))
	results := make(chan carried, len(v.errands))
	gone := make(chan struct{})
	road := v.lane.conn
	v.busy = true
	defer func() { v.busy = false }()
	go func() {
		defer close(gone)
		v.load(sctx, road, refused, results)
	}()
	unload := sync.OnceFunc(func() {
		if stop(); v.Broken() {
			v.leaveLane()
		}
		<-gone
	})
	defer unload()
	var full error // why nothing more is sent
	for i, e := range v.errands {
		if v.unfit[i] != nil {
			each(i, Verdict{Err: v.unfit[i]})
			continue
		}
		if err := v.fill(ctx); err != nil {
			return i, err
		}
		verdict := v.push(ctx, e, &refused[i], results)
		switch {
		case full != nil && verdict.Err != nil:
			verdict.Err = full
		case full == nil && Full(verdict.Err):
			full = verdict.Err // what follows would only be thrown away; its ends keep both in step
			for j := range refused[i+1:] {
				refused[i+1+j].Store(true)
			}
		}
		err := v.over(ctx)
		if err != nil {
			unload() // once its verdict is told, nobody opens a source any more
		}
		if each(i, verdict); err != nil {
			return i + 1, err
		}
		v.replied()
	}
	return len(v.errands), nil
}

// load puts the files on the lane, one after the other, and stops when it
// doesn't stand any more.
func (v *convoy) load(ctx context.Context, road *data.Conn, refused []atomic.Bool, results chan<- carried) {
	for i, e := range v.errands {
		if v.unfit[i] != nil {
			continue
		}
		k := &data.Keep{}
		if !e.time.IsZero() {
			k.Facts = "modify=" + proto.FormatTime(e.time) + ";"
		}
		n, err := e.kept(ctx, road, k, refused[i].Load)
		results <- carried{n, err, k.InStep}
		if !k.InStep {
			return
		}
	}
}

// push reads the replies to one upload, and waits until its bytes have gone.
func (v *convoy) push(ctx context.Context, e errand, refused *atomic.Bool, results <-chan carried) Verdict {
	_, final, err := v.opening(ctx, e)
	if err != nil {
		refused.Store(true)
	}
	if v.Broken() {
		return Verdict{Err: err}
	}
	var c carried
	select {
	case c = <-results:
	case <-ctx.Done():
		return Verdict{Err: context.Cause(ctx)}
	}
	if !c.in {
		return Verdict{N: c.n, Err: v.derail(ctx, e, errors.Join(err, c.err))}
	}
	var reply proto.Reply
	if err == nil && !final {
		if reply, err = v.answer(ctx); err == nil && reply.Code.Class() != proto.Done {
			err = &proto.ReplyError{Command: e.cmd, Reply: reply}
		}
	}
	switch {
	case c.err == nil:
	case errors.Is(c.err, errRefusedAlready):
		if err == nil {
			err = c.err
		}
	default: // the server only says what this end has told it
		err = kept(c.err)
	}
	if err == nil {
		run := &transfer{job: e.job, c: v.Client, n: c.n}
		_, err = checking{e.path, e.t, run}.known()
	}
	timed := err == nil && strings.Contains(reply.Text(), "modify=")
	return Verdict{N: c.n, Err: err, Hash: err == nil, Timed: timed, Reply: reply}
}
