package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// difference shows how the two files of a conflict differ.
func (a asker) difference(ctx context.Context, c bulk.Conflict) error {
	if max(c.SourceSize, c.TargetSize) > maxDiff {
		a.sayf("the files are too long to compare here (over %d bytes)", maxDiff)
		return nil
	}
	here, err := os.ReadFile(c.Item.Local)
	if err != nil {
		return err
	}
	there := &bounded{room: maxDiff}
	remote := c.Item.Remote
	if _, err := a.engine.State().Client().Retrieve(ctx, remote, there, client.Transfer{}); err != nil && !there.full {
		return err
	}
	if there.full || len(here) > maxDiff {
		a.sayf("the files are too long to compare here (over %d bytes)", maxDiff)
		return nil
	}
	before, after := here, there.Bytes() // what a download would change
	names := [2]string{"here: " + c.Item.Local, "server: " + remote}
	if c.Direction == bulk.Up {
		before, after = after, before
		names[0], names[1] = names[1], names[0]
	}
	a.sayf("%s", a.diffText(names, before, after))
	return nil
}

// errBounded ends a download that is longer than its listing said.
var errBounded = errors.New("too long")

// bounded keeps what is written to it up to a bound.
type bounded struct {
	bytes.Buffer
	room int
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.room {
		b.full = true
		return 0, errBounded
	}
	return b.Buffer.Write(p)
}

func (a asker) diffText(names [2]string, before, after []byte) string {
	if bytes.Equal(before, after) {
		return "the files are the same"
	}
	if !utf8.Valid(before) || !utf8.Valid(after) || bytes.IndexByte(before, 0) >= 0 || bytes.IndexByte(after, 0) >= 0 {
		return fmt.Sprintf("the files differ, first at byte %d; they are not text", firstDifference(before, after))
	}
	x, y := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
	if max(len(x), len(y)) > maxDiffLines {
		return fmt.Sprintf("the files differ, first at byte %d; they have too many lines to show", firstDifference(before, after))
	}
	c := a.palette()
	out := []string{paint(c, red, "--- "+list.Printable(names[0])), paint(c, green, "+++ "+list.Printable(names[1]))}
	for _, l := range diff(x, y) {
		how := map[byte]string{'-': red, '+': green, '@': cyan}[l[0]]
		out = append(out, paint(c, how, l[:1]+list.Printable(l[1:])))
	}
	return strings.Join(out, "\n")
}

func firstDifference(a, b []byte) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return i
}

// around is how many common lines stand before and behind a change.
const around = 2

// diff is how one text becomes the other: lines that begin with '-', '+' or
// ' ', and '@' where common ones are left out.
func diff(x, y []string) []string {
	edits := edit(x, y)
	near := make([]bool, len(edits))
	for i, e := range edits {
		if e[0] != ' ' {
			for j := max(i-around, 0); j <= min(i+around, len(edits)-1); j++ {
				near[j] = true
			}
		}
	}
	var out []string
	line := 1
	for i, e := range edits {
		if near[i] && (i == 0 || !near[i-1]) {
			out = append(out, fmt.Sprintf("@ line %d", line))
		}
		if near[i] {
			out = append(out, e)
		}
		if e[0] != '+' {
			line++
		}
	}
	return out
}

// edit is every line of both texts, marked, with as many common ones as there
// can be: the longest common subsequence, by a table of its lengths.
func edit(x, y []string) []string {
	width := len(y) + 1
	common := make([]uint16, (len(x)+1)*width) // of x[i:] and y[j:]
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				common[i*width+j] = common[(i+1)*width+j+1] + 1
			} else {
				common[i*width+j] = max(common[(i+1)*width+j], common[i*width+j+1])
			}
		}
	}
	var out []string
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			out = append(out, " "+x[i])
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && common[(i+1)*width+j] >= common[i*width+j+1]:
			out = append(out, "-"+x[i])
			i++
		default:
			out = append(out, "+"+y[j])
			j++
		}
	}
	return out
}
