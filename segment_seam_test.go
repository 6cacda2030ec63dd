package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// further is a server that begins a little behind where it is told.
func further(line string) string {
	return regexp.MustCompile(`^(REST|RANG) [1-9]\d*.*\r\n`).ReplaceAllStringFunc(line, func(line string) string {
		at, _ := strconv.ParseInt(regexp.MustCompile(`\d+`).FindString(line), 10, 64)
		return "REST " + strconv.FormatInt(at+4096, 10) + "\r\n"
	})
}

// two is a Dial to a server that has no more than two sessions for us.
func (h *harbour) two() func(context.Context) (*client.Client, error) {
	slots := make(chan struct{}, 1)
	return func(ctx context.Context) (*client.Client, error) {
		select {
		case slots <- struct{}{}:
			return h.dial(ctx)
		default:
			return nil, &client.ConnectError{Host: h.addr, Err: &proto.ReplyError{Reply: proto.Replyf(proto.Unavailable, "Too many connections.")}}
		}
	}
}

// A server that begins elsewhere does so after an interruption too, and then goes
// on where it did before: what the segments have read of each other is compared
// before anything is built on the part, whoever continues it.
func TestSeamsOfAnInterruptedLiar(t *testing.T) {
	for _, then := range []int{1, 4} {
		calm(t, func(h *harbour) {
			h.tap(further)
			want := h.big(16<<20, 16)
			ctx, cancel := context.WithTimeout(h.t.Context(), 2500*time.Millisecond)
			defer cancel()
			_, err := h.fetch(ctx, bulk.Options{Segments: 4, Dial: h.two(), Rates: []*bulk.Rate{bulk.NewRate(4 << 20)}})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("it was not interrupted: %v", err)
			}
			if _, err := h.fetch(h.t.Context(), bulk.Options{Segments: then, Verify: bulk.VerifySize}); err != nil {
				t.Fatal(err)
			}
			h.arrived(want)
		})
	}
}

// A seam that could not be compared before the end of a run is compared in the
// next one.
func TestSeamsOfAnEarlierRun(t *testing.T) {
	for _, then := range []int{1, 4} {
		for _, torn := range []bool{false, true} {
			calm(t, func(h *harbour) {
				if torn {
					h.tap(further)
				}
				want := h.big(16<<20, 17)
				h.earlier(want, torn)
				report, err := h.fetch(h.t.Context(), bulk.Options{Segments: then, Verify: bulk.VerifySize})
				if err != nil {
					t.Fatal(err)
				}
				h.arrived(want)
				if x := report.Results[0]; (x.Resumed > 0) == torn {
					t.Errorf("torn %v: %d bytes were built on", torn, x.Resumed)
				}
			})
		}
	}
}

// earlier leaves what a run has brought: the first quarter, with what its segment
// has read of the second, and of the second what came then.
func (h *harbour) earlier(want []byte, torn bool) {
	h.t.Helper()
	const quarter = 4 << 20
	second := want[quarter : 2*quarter]
	if torn {
		second = want[quarter+4096 : 2*quarter+4096]
	}
	sum := sha256.Sum256(want[quarter : quarter+4096])
	info, err := os.Stat(filepath.Join(h.root, h.item))
	if err != nil {
		h.t.Fatal(err)
	}
	record, err := json.Marshal(map[string]any{
		"source": h.addr + "/" + h.item, "size": len(want), "time": info.ModTime().UTC(), "segmented": true,
		"have":  [][2]int{{0, 2 * quarter}},
		"seams": []map[string]any{{"at": quarter, "bytes": 4096, "sum": sum[:]}},
	})
	part := filepath.Join(h.local, ".ferry-"+h.item+".part")
	err = errors.Join(err, os.WriteFile(part+".json", record, 0o600), os.WriteFile(part, append(append([]byte{}, want[:quarter]...), second...), 0o600))
	if err != nil {
		h.t.Fatal(err)
	}
}
