package bulk

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"ferry/proto"
	"ferry/proto/list"
)

// RoomError is a server that has no room for what is planned.
type RoomError struct {
	Host       string
	Need, Free int64 // bytes
}

func (e *RoomError) Error() string {
	return fmt.Sprintf("%s: %s free, %s needed: %s too few", e.Host, list.Amount(e.Free), list.Amount(e.Need), list.Amount(e.Need-e.Free))
}

// checkRoom asks, before anything is sent, whether it will fit, where the
// server can tell (AVBL of draft-peterson-streamlined-ftp-command-extensions).
// What it can't tell is not held against the plan; ALLO and 452 are still to come.
//
// New files need all of their size. Those that are replaced give theirs back
// one after the other, so of them only the largest counts.
func (e *Engine) checkRoom(ctx context.Context, p Plan) error {
	first, need, swap := "", int64(0), int64(0)
	for _, s := range p.Steps {
		if s.Action != Send || s.Direction == Down {
			continue
		}
		if first == "" {
			first = s.Item.Remote
		}
		switch {
		case s.grow:
		case s.exists:
			swap = max(swap, s.Size)
		default:
			need += max(s.Size, 0)
		}
	}
	need = max(need, swap)
	if first == "" || need < roomWorth || !e.client.Features().Has("AVBL") {
		return nil
	}
	free, ok, err := e.room(ctx, path.Dir(first))
	if err != nil || !ok || need <= free {
		return err
	}
	return &RoomError{Host: e.client.Host(), Need: need, Free: free}
}

// room is what the server says is free in a directory or, where that is not
// made yet, in the current one. The error is the connection's.
func (e *Engine) room(ctx context.Context, dir string) (free int64, ok bool, err error) {
	answers, err := e.client.DoAll(ctx, []proto.Command{proto.Cmd("AVBL", dir), proto.Cmd("AVBL")})
	if err != nil {
		return 0, false, err
	}
	for _, a := range answers {
		free, perr := strconv.ParseInt(strings.TrimSpace(a.Reply.Text()), 10, 64)
		if a.Err == nil && perr == nil && free >= 0 && a.Reply.Code == proto.FileStatus {
			return free, true, nil
		}
	}
	return 0, false, nil
}
