package bulk

import (
	"context"
	"errors"
	"strconv"

	"ferry/proto"
	"ferry/proto/client"
)

// announce tells the server how many bytes come (RFC 959 §4.1.3: ALLO). A
// server without room says so before they are sent, and ferry's looks twice at
// an upload that ends sooner: a stream's end alone would make it whole. What
// doesn't know ALLO, or has no need of it, is asked once.
func (w *worker) announce(ctx context.Context, size int64) error {
	if size <= smallFile || w.opts.Server.ignoresAllo() || !w.resumable() {
		return nil
	}
	_, err := w.client.Do(ctx, proto.Cmd("ALLO", strconv.FormatInt(size, 10)))
	var reply *proto.ReplyError
	switch {
	case err == nil, client.Full(err):
		return err
	case !errors.As(err, &reply) || w.client.Broken():
		return err
	}
	w.opts.Server.learnNoAllo()
	return nil
}
