package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
	"ferry/serve/store"
	"ferry/serve/users"
)

// A server that tells that it has no room for an upload is sent none of it;
// what fits is sent, and so is everything where it can't tell.
func TestRoomIsAskedBefore(t *testing.T) {
	for _, c := range []struct {
		size int
		mute bool // AVBL is not among its features
		want bool // an error before anything is sent
	}{{400_000, false, true}, {300_000, false, false}, {400_000, true, false}} {
		root, local := t.TempDir(), t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			files := store.NewMemSized(1_000_000)
			open := func(context.Context, users.Record) (store.Store, error) { return files, nil }
			h := harbourOver(t, open, root, local, &storm{})
			h.plant(h.local, 3, c.size)
			if c.mute {
				h.features = proto.Features{"SIZE": "", "MDTM": "", "EPSV": ""}
			}
			stored := 0
			h.trace = func(from proto.Direction, line string) {
				if from == proto.FromClient && strings.HasPrefix(line, "STOR") {
					stored++
				}
			}
			report, err := h.move(bulk.Up, bulk.Options{Sessions: 1})
			var room *bulk.RoomError
			switch refused := errors.As(err, &room); {
			case refused != c.want:
				t.Errorf("%+v: %v", c, err)
			case refused && (stored > 0 || room.Need != 1_200_000 || room.Free > 1_000_000):
				t.Errorf("%+v: %d were sent: %v", c, stored, err)
			case !c.mute && !refused && (err != nil || report.Done != 3):
				t.Errorf("%+v: %+v: %v", c, report, err)
			case c.mute && (err == nil || stored == 0 || report.Done == 3):
				t.Errorf("%+v: a full server took it all: %+v", c, report)
			}
		})
	}
}

// What goes to ferry in one data connection stops when the server is full: what
// is left is not sent, and fails with the server's words.
func TestFullServerIsSentNoMore(t *testing.T) {
	root, local := t.TempDir(), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		files := store.NewMemSized(300_000)
		open := func(context.Context, users.Record) (store.Store, error) { return files, nil }
		h := harbourOver(t, open, root, local, &storm{})
		h.plant(h.local, 20, 100_000)
		h.features = proto.Features{"SIZE": "", "MDTM": "", "EPSV": "", "MODE": "B", "CHAN": ""}
		report, err := h.move(bulk.Up, bulk.Options{Sessions: 1, OnError: bulk.Continue})
		if !client.Full(err) || report.Done != 2 && report.Done != 3 {
			t.Fatalf("%d arrived: %v", report.Done, err)
		}
		var sent int64
		for _, x := range report.Results {
			if sent += x.Bytes; x.Kind == bulk.Failed && !client.Full(x.Err) {
				t.Errorf("%s: %v", x.Item.Remote, x.Err)
			}
		}
		if sent > 1_000_000 {
			t.Errorf("%d of 2,000,000 bytes were sent", sent)
		}
	})
}
