package script

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"ferry/proto/client"
	"ferry/script/bulk"
)

// diffVerb shows how a remote file and a local one differ.
func diffVerb(ctx context.Context, st *State, a Args) error {
	remote, local := a.Text(0), a.Text(1)
	if local == "" {
		local = baseOf(remote)
	}
	if path := st.Local(local); isDir(path) {
		local = path + string(os.PathSeparator) + baseOf(remote)
	}
	return st.Difference(ctx, st.Out, bulk.Item{Local: st.Local(local), Remote: remote}, bulk.Up)
}

// baseOf is the last part of a remote name.
func baseOf(remote string) string {
	remote = strings.TrimRight(remote, "/")
	return remote[strings.LastIndexByte(remote, '/')+1:]
}

// Difference writes how a transfer in that direction would change its target.
func (st *State) Difference(ctx context.Context, w io.Writer, it bulk.Item, d bulk.Direction) error {
	f, err := os.Open(it.Local)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return &FileError{Name: it.Local, Err: bulk.ErrIsDir}
	}
	there := &beside{room: maxDiff, here: bufio.NewReader(f)}
	if _, err := st.client.Retrieve(ctx, it.Remote, there, client.Transfer{}); err != nil && !errors.Is(err, errDiffer) {
		return &FileError{Name: it.Remote, Err: err}
	}
	if err := there.end(); err != nil {
		return err
	}
	names := [2]string{"server: " + it.Remote, "here: " + st.short(it.Local)}
	if info.Size() > maxDiff || there.long {
		return there.tell(w)
	}
	here, err := os.ReadFile(it.Local)
	if err != nil {
		return err
	}
	before, after := there.text.Bytes(), here
	if d == bulk.Down {
		before, after, names[0], names[1] = after, before, names[1], names[0]
	}
	return st.writeDiff(w, names, before, after)
}

// errDiffer ends the download of a long file that differs.
var errDiffer = errors.New("the files differ")

// beside compares what is written to it with what lies here, and keeps it up
// to a bound.
type beside struct {
	here   *bufio.Reader
	room   int
	text   bytes.Buffer
	long   bool // it is more than there is room for
	at     int64
	differ bool
}

func (b *beside) Write(p []byte) (int, error) {
	for i := range p {
		if b.differ {
			break
		}
		if c, err := b.here.ReadByte(); err != nil || c != p[i] {
			b.differ = true
			break
		}
		b.at++
	}
	if b.long = b.long || b.text.Len()+len(p) > b.room; !b.long {
		return b.text.Write(p)
	}
	if b.text = (bytes.Buffer{}); b.differ {
		return 0, errDiffer
	}
	return len(p), nil
}

// end notes what only lies here.
func (b *beside) end() error {
	if b.differ {
		return nil
	}
	_, err := b.here.ReadByte()
	b.differ = err == nil
	if err == io.EOF {
		return nil
	}
	return err
}

// tell is what there is to say of files that are not shown.
func (b *beside) tell(w io.Writer) error {
	text := "the files are the same"
	if b.differ {
		text = fmt.Sprintf("the files differ, first at byte %d; they are too long to show", b.at)
	}
	_, err := fmt.Fprintln(w, text)
	return err
}

func (st *State) writeDiff(w io.Writer, names [2]string, before, after []byte) error {
	_, err := io.WriteString(w, st.diffText(names, before, after))
	return err
}

// diffText is what a person wants to see of two files.
//
// SECURITY: one of them is a stranger's: nothing of it drives the terminal.
func (st *State) diffText(names [2]string, before, after []byte) string {
	if bytes.Equal(before, after) {
		return "the files are the same\n"
	}
	where := fmt.Sprintf("the files differ, first at byte %d", firstDifference(before, after))
	if !utf8.Valid(before) || !utf8.Valid(after) || bytes.IndexByte(before, 0) >= 0 || bytes.IndexByte(after, 0) >= 0 {
		return where + "; they are not text\n"
	}
	if bytes.HasSuffix(before, []byte("\n")) && bytes.HasSuffix(after, []byte("\n")) { // else it is a difference
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	x, y := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
	if max(len(x), len(y)) > maxDiffLines {
		return where + "; they have too many lines to show\n"
	}
	var b strings.Builder
	for _, l := range append([]string{"--- " + names[0], "+++ " + names[1]}, diff(x, y)...) {
		text := l[:1] + printableLine([]byte(l[1:]))
		switch l[0] {
		case '-':
			text = st.ink(Removed, text)
		case '+':
			text = st.ink(Added, text)
		case '@':
			text = st.ink(Place, text)
		}
		b.WriteString(text + "\n")
	}
	return b.String()
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
	all := edits(x, y)
	near := make([]bool, len(all))
	for i, e := range all {
		if e[0] != ' ' {
			for j := max(i-around, 0); j <= min(i+around, len(all)-1); j++ {
				near[j] = true
			}
		}
	}
	var out []string
	line := 1
	for i, e := range all {
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

// edits is every line of both texts, marked, with as many common ones as there
// can be: the longest common subsequence, by a table of its lengths.
func edits(x, y []string) []string {
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
