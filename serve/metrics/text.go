package metrics

import (
	"bufio"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// family is the series of one name.
type family struct {
	name, help string
	labels     []string
	series     map[string]float64 // by their labels as they are written
}

func newFamily(name, help string, labels ...string) *family {
	return &family{name: name, help: help, labels: labels, series: map[string]float64{}}
}

// add counts. The values are words of ours: they need no quoting but %q's.
func (f *family) add(values ...string) { f.series[f.key(values)]++ }

func (f *family) key(values []string) string {
	key := ""
	for i, v := range values {
		if i > 0 {
			key += ","
		}
		key += fmt.Sprintf("%s=%q", f.labels[i], v)
	}
	return key
}

// head writes what stands before the series of a name.
func head(w *bufio.Writer, name, kind, help string) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func sample(w *bufio.Writer, name, labels string, v float64) {
	if labels != "" {
		labels = "{" + labels + "}"
	}
	fmt.Fprintf(w, "%s%s %s\n", name, labels, strconv.FormatFloat(v, 'g', -1, 64))
}

func (f *family) write(w *bufio.Writer) {
	head(w, f.name, "counter", f.help)
	for _, key := range slices.Sorted(maps.Keys(f.series)) {
		sample(w, f.name, key, f.series[key])
	}
}

// histogram is how long something took, by one label.
type histogram struct {
	name, help, label string
	bounds            []float64 // seconds, ascending
	series            map[string]*spread
}

type spread struct {
	counts []uint64 // by bound, and above the last
	sum    float64
}

func (h *histogram) observe(value string, seconds float64) {
	s := h.series[value]
	if s == nil {
		s = &spread{counts: make([]uint64, len(h.bounds)+1)}
		h.series[value] = s
	}
	i, _ := slices.BinarySearch(h.bounds, seconds)
	s.counts[i]++
	s.sum += seconds
}

func (h *histogram) write(w *bufio.Writer) {
	head(w, h.name, "histogram", h.help)
	for _, value := range slices.Sorted(maps.Keys(h.series)) {
		s, label, sum := h.series[value], fmt.Sprintf("%s=%q", h.label, value), uint64(0)
		for i, n := range s.counts {
			bound := "+Inf"
			if i < len(h.bounds) {
				bound = strconv.FormatFloat(h.bounds[i], 'g', -1, 64)
			}
			sum += n
			sample(w, h.name+"_bucket", fmt.Sprintf("%s,le=%q", label, bound), float64(sum))
		}
		sample(w, h.name+"_sum", label, s.sum)
		sample(w, h.name+"_count", label, float64(sum))
	}
}
