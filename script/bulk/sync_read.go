package bulk

import (
	"context"
	"io"

	"ferry/proto/client"
)

// reads compares a file that has the same size at both ends, another time, and no
// checksum at the server, by reading it back: a sync that was cut off before it
// could remember leaves such files, where the server keeps no times. Whoever had
// to decide about them would send them once more. It reports no likeness where
// that would be more than readBack in all.
func (s *syncer) reads(ctx context.Context, it Item, size int64) (alike bool, err error) {
	w := s.planning(Retry{})
	if s.read+size > readBack || !w.resumable() {
		return false, nil
	}
	s.read += size
	there := newRunning(client.SHA256)
	how := client.Transfer{Size: known(size), Check: client.CheckAnnounced}
	if _, err := s.client.Retrieve(ctx, it.Remote, there.writer(io.Discard), how); err != nil {
		return false, err
	}
	here, err := hashFile(it.Local, client.SHA256)
	sum, whole := there.of(size, client.SHA256)
	return err == nil && whole && sum == here, err
}
