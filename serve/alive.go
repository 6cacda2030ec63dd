package serve

import (
	"context"
	"time"
)

// stillThere reports errGone when the peer's control connection is closed.
//
// SECURITY: in stream mode the end of a file is the end of the data
// connection, and a client that is killed ends both. An upload which was cut
// like that must not be taken for a whole file (servers.md, T20). The system
// may close the data connection first (Linux closes the last opened first),
// the other a moment later: so after a long upload, where being killed in it is
// likely, a moment is waited; after a short one it would cost more than it is
// worth. No wait where the client has told the size before, and it is that.
func (s *session) stillThere(ctx context.Context, took time.Duration) error {
	if d := min(took/graceShare, graceMax); d >= graceMin {
		pause(ctx, d)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if peerClosed(s.nc) {
		return errGone
	}
	return nil
}
