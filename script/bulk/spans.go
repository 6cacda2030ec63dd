package bulk

import "slices"

// span is bytes of a file: the first, and the one behind the last.
type span [2]int64

func (s span) size() int64 { return s[1] - s[0] }

// spans are stretches of a file, in order, with bytes between each and the next.
type spans []span

// add puts one more in.
func (s spans) add(n span) spans {
	if n.size() <= 0 {
		return s
	}
	var out spans
	for _, o := range s {
		switch {
		case o[1] < n[0]:
			out = append(out, o)
		case o[0] > n[1]:
			out, n = append(out, n), o
		default:
			n = span{min(o[0], n[0]), max(o[1], n[1])}
		}
	}
	return append(out, n)
}

// within are those below size; what a record says beyond, nobody has.
func (s spans) within(size int64) (out spans) {
	for _, o := range s {
		if o[0] >= 0 && o[0] < o[1] {
			out = out.add(span{o[0], min(o[1], size)})
		}
	}
	return out
}

// gaps are what is missing of a file of that size.
func (s spans) gaps(size int64) (out []span) {
	at := int64(0)
	for _, o := range s {
		if o[0] > at {
			out = append(out, span{at, o[0]})
		}
		at = o[1]
	}
	if at < size {
		out = append(out, span{at, size})
	}
	return out
}

// sum is how many bytes they have.
func (s spans) sum() (n int64) {
	for _, o := range s {
		n += o.size()
	}
	return n
}

// prefix is how far the file is there from its start.
func (s spans) prefix() int64 {
	if len(s) > 0 && s[0][0] == 0 {
		return s[0][1]
	}
	return 0
}

// behind is how many bytes from at on are there.
func (s spans) behind(at int64) int64 {
	for _, o := range s {
		if o[0] <= at && at < o[1] {
			return o[1] - at
		}
	}
	return 0
}

// shortened is each span without its last n bytes: what a resume fetches again
// to compare it.
func (s spans) shortened(n int64) spans {
	out := slices.Clone(s)
	for i := range out {
		out[i][1] = max(out[i][0], out[i][1]-n)
	}
	return slices.DeleteFunc(out, func(o span) bool { return o.size() == 0 })
}
