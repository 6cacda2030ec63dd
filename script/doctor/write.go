package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"ferry/proto/client"
	"ferry/proto/list"
)

// ours are the names that the examination makes in its own directory.
func ours() []string { return []string{"sample", "other", unicodeSample, "sample.part"} }

// unicodeSample has a letter of two bytes, one of three and one of four.
const unicodeSample = "\u00e4\u4e2d\U0001f40b"

// within is one of our names as commands take it.
func (x *exam) within(name string) string { return path.Join(x.dir, name) }

// ownDirectory makes the place for all that follows. Nothing outside is
// touched.
//
// SECURITY: the name can't be guessed, so nobody else's file is met there.
func ownDirectory(ctx context.Context, x *exam) Finding {
	name := "ferry-doctor-" + strings.ToLower(rand.Text()[:12])
	if _, err := x.client.MakeDir(ctx, name); err != nil {
		return Finding{Result: Untold, Found: "no directory can be made: " + err.Error(), Fix: "name a directory where this user may write"}
	}
	x.dir = name
	return works("%s", name)
}

// sampleText is what is uploaded: every byte value, and line ends of all kinds.
func sampleText() []byte {
	b := make([]byte, sampleSize)
	for i := range b {
		b[i] = byte(i * 7)
	}
	copy(b[100:], "\r\n\n\r\r\n\x00\xff\xff")
	return b
}

// store uploads the sample, reads it back, and leaves it for the questions about
// files.
func store(ctx context.Context, x *exam) Finding {
	if x.dir == "" {
		return noPlace()
	}
	want := sampleText()
	if _, err := x.client.Store(ctx, x.within("sample"), bytes.NewReader(want), client.Transfer{}); err != nil {
		return fails(err, "may this user upload (vsftpd write_enable, ProFTPD <Limit STOR>, ferry users change --perm)?")
	}
	got, err := x.read(ctx, "sample")
	switch {
	case err != nil:
		return Finding{Result: Weak, Found: "taken, and can't be read back: " + err.Error(), Fix: "if it is not a drop box, let this user read"}
	case !bytes.Equal(got, want):
		return Finding{Result: Fails, Found: "what came back are other bytes", Fix: "is something between that translates? TYPE I was set"}
	}
	x.file, x.size = x.within("sample"), int64(len(want))
	return works("%d bytes there and back", len(want))
}

func noPlace() Finding {
	return Finding{Result: Untold, Found: "there is no directory of our own"}
}

func (x *exam) read(ctx context.Context, name string) ([]byte, error) {
	var b bytes.Buffer
	_, err := x.client.Retrieve(ctx, x.within(name), &b, client.Transfer{Max: 2 * sampleSize})
	return b.Bytes(), err
}

// restartUp breaks an upload off in its middle and goes on.
func restartUp(ctx context.Context, x *exam) Finding {
	if x.dir == "" {
		return noPlace()
	}
	want, half := sampleText(), int64(sampleSize/2)
	part := x.within("sample.part")
	if _, err := x.client.Store(ctx, part, bytes.NewReader(want[:half]), client.Transfer{}); err != nil {
		return fails(err, "")
	}
	_, err := x.client.Store(ctx, part, bytes.NewReader(want[half:]), client.Transfer{Offset: half})
	switch {
	case errors.Is(err, client.ErrNoRestart) || refused(err):
		return Finding{Result: Weak, Found: "refused: an upload that breaks begins again: " + err.Error(), Fix: "switch it on (ProFTPD AllowStoreRestart with HiddenStores off)"}
	case err != nil:
		return fails(err, "")
	}
	got, err := x.read(ctx, "sample.part")
	if err == nil && !bytes.Equal(got, want) {
		return Finding{Result: Fails, Found: "the file is torn: resumed uploads are not what they should be", Fix: "don't resume here: set resume off"}
	}
	return works("from byte %d on", half)
}

func setTime(ctx context.Context, x *exam) Finding {
	if x.dir == "" {
		return noPlace()
	}
	want := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := x.client.SetModTime(ctx, x.within("sample"), want); err != nil {
		if errors.Is(err, errors.ErrUnsupported) {
			return Finding{Result: Absent, Found: "no way to set a time: mirrors compare what they have uploaded by size", Fix: "a server that has MFMT (ProFTPD mod_facts, Pure-FTPd, ferry)"}
		}
		return fails(err, "")
	}
	got, err := x.client.ModTime(ctx, x.within("sample"))
	if err == nil && !got.Equal(want) {
		return Finding{Result: Fails, Found: fmt.Sprintf("set to %s, and MDTM says %s", want.Format(time.RFC3339), got.Format(time.RFC3339)), Fix: "times are UTC (RFC 3659): is the server's zone in between?"}
	}
	return works("by %s", x.client.Quirks().SetTime)
}

// replace renames onto a name that is taken: what atomic uploads need.
func replace(ctx context.Context, x *exam) Finding {
	if x.dir == "" {
		return noPlace()
	}
	old, fresh := []byte("old"), []byte("newer")
	for name, text := range map[string][]byte{"other": old, "sample.part": fresh} {
		if _, err := x.client.Store(ctx, x.within(name), bytes.NewReader(text), client.Transfer{}); err != nil {
			return fails(err, "")
		}
	}
	if err := x.client.Rename(ctx, x.within("sample.part"), x.within("other")); err != nil {
		return Finding{Result: Weak, Found: "no: " + err.Error(), Fix: "a file that is replaced is not there for a moment: `set atomic off` writes in place"}
	}
	if got, err := x.read(ctx, "other"); err == nil && !bytes.Equal(got, fresh) {
		return Finding{Result: Fails, Found: "RNTO said yes, and the old file is still there", Fix: "`set atomic off`"}
	}
	return works("uploads can take their name when they are whole")
}

// unicodeName makes a file whose name is not ASCII and looks for it.
func unicodeName(ctx context.Context, x *exam) Finding {
	if x.dir == "" {
		return noPlace()
	}
	if _, err := x.client.Store(ctx, x.within(unicodeSample), strings.NewReader("x"), client.Transfer{}); err != nil {
		return Finding{Result: Weak, Found: "refused: " + err.Error(), Fix: "switch UTF-8 on there"}
	}
	all, err := x.names(ctx)
	if err != nil {
		return fails(err, "")
	}
	if !slices.Contains(all, unicodeSample) {
		return Finding{Result: Weak, Found: "the file was taken, and the listing has another name for it", Fix: "switch UTF-8 on there, or `set charset` here"}
	}
	return works("kept byte by byte")
}

// names are those in our own directory.
func (x *exam) names(ctx context.Context) (all []string, err error) {
	for l, err := range x.client.List(ctx, x.dir) {
		if err != nil {
			return nil, err
		}
		if l.Verdict == list.Understood && l.Entry.Name != "." && l.Entry.Name != ".." {
			all = append(all, path.Base(l.Entry.Name))
		}
	}
	return all, nil
}

// cleaned removes what was made, and tells what could not be.
func cleaned(ctx context.Context, x *exam) Finding {
	if x.dir == "" {
		return Finding{}
	}
	dir, err := x.clean(ctx)
	if err != nil {
		return Finding{Result: Fails, Found: fmt.Sprintf("%s is still there: %v", dir, err), Fix: "remove it by hand"}
	}
	return works("nothing is left")
}

// clean removes our own names, those that may or may not be there too, and the
// directory, which must be empty then.
func (x *exam) clean(ctx context.Context) (dir string, err error) {
	dir = x.dir
	if err := x.session(ctx); err != nil {
		return dir, err
	}
	for _, name := range ours() {
		_ = x.client.Delete(ctx, x.within(name))
	}
	if err = x.client.RemoveDir(ctx, dir); err == nil {
		x.dir, x.file = "", ""
	}
	return dir, err
}
