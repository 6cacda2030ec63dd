package bulk

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// Spans against a file of bits.
func TestSpans(t *testing.T) {
	const size = 64
	rng := rand.New(rand.NewPCG(5, 5))
	for range 2000 {
		var s spans
		var bits [size]bool
		for range rng.IntN(12) {
			from := rng.Int64N(size)
			to := from + rng.Int64N(size-from+1)
			s = s.add(span{from, to})
			for i := from; i < to; i++ {
				bits[i] = true
			}
		}
		at := rng.Int64N(size)
		var want spans
		var holes []span
		prefix, behind := int64(0), int64(0)
		for i := int64(0); i < size; i++ {
			grow(&want, i, bits[i])
			grow((*spans)(&holes), i, !bits[i])
			if bits[i] && prefix == i {
				prefix++
			}
			if i >= at && bits[i] && behind == i-at {
				behind++
			}
		}
		if !equal(s, want) || !equal(s.gaps(size), holes) || s.prefix() != prefix || s.behind(at) != behind {
			t.Fatalf("%v: want %v, holes %v and %v, prefix %d, behind %d: %d", s, want, s.gaps(size), holes, prefix, at, behind)
		}
		if n := s.sum() + spans(s.gaps(size)).sum(); n != size {
			t.Fatalf("%v: %d bytes in all", s, n)
		}
	}
}

func grow(s *spans, i int64, is bool) {
	switch n := len(*s); {
	case !is:
	case n > 0 && (*s)[n-1][1] == i:
		(*s)[n-1][1]++
	default:
		*s = append(*s, span{i, i + 1})
	}
}

func equal(a, b []span) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual([]span(a), []span(b)))
}

// A record is what a stranger, or a crash, may have written.
func TestSpansOfARecord(t *testing.T) {
	got := spans{{50, 90}, {-5, 10}, {20, 20}, {30, 25}, {40, 60}, {95, 200}}.within(100)
	if want := (spans{{40, 90}, {95, 100}}); !equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := (spans{{0, 10}, {20, 60}}).shortened(10); !equal(got, spans{{20, 50}}) {
		t.Errorf("shortened: %v", got)
	}
}
