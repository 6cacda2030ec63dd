package script

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ferry/proto/client"
	"ferry/proto/list"
)

// assertion is one thing that assert can claim.
type assertion struct {
	name string
	args []string
	hold func(ctx context.Context, st *State, args []string) error
}

// assertions are all of them. What does not hold is a *VerifyError.
func assertions() []assertion {
	return []assertion{
		{"exists", words("REMOTE"), assertExists},
		{"missing", words("REMOTE"), assertMissing},
		{"size", words("REMOTE BYTES"), assertSize},
		{"count", words("REMOTE-DIR NUMBER"), assertCount},
		{"checksum", words("REMOTE HEX"), assertChecksum},
		{"same", words("LOCAL LOCAL"), assertSame},
	}
}

func assertNames() []string {
	var names []string
	for _, a := range assertions() {
		names = append(names, a.name)
	}
	return names
}

// checkAssert counts the words.
func checkAssert(a Args) error {
	for _, x := range assertions() {
		if x.name == a.Text(0) && a.Len() != 1+len(x.args) {
			return &CallError{Verb: a.Verb, What: fmt.Sprintf("%s wants %s", x.name, strings.Join(x.args, " "))}
		}
	}
	return nil
}

// assert fails, with the exit code of a verification, when what it claims is
// not so.
func assert(ctx context.Context, st *State, a Args) error {
	for _, x := range assertions() {
		if x.name != a.Text(0) {
			continue
		}
		var args []string
		for _, w := range a.Words[1:] {
			args = append(args, w.Text)
		}
		if len(args) != len(x.args) {
			return &CallError{Verb: a.Verb, What: fmt.Sprintf("assert %s wants %v", x.name, x.args)}
		}
		if x.name != "same" {
			if err := st.ready(ctx, Login); err != nil {
				return err
			}
		}
		return x.hold(ctx, st, args)
	}
	return &UnknownError{What: "assertion", Name: a.Text(0), Hint: fmt.Sprintf("there are %v", assertNames())}
}

func assertExists(ctx context.Context, st *State, args []string) error {
	_, err := st.client.Stat(ctx, args[0])
	if errors.Is(err, fs.ErrNotExist) {
		return &VerifyError{Path: args[0], What: "does not exist"}
	}
	return err
}

func assertMissing(ctx context.Context, st *State, args []string) error {
	_, err := st.client.Stat(ctx, args[0])
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return &VerifyError{Path: args[0], What: "exists"}
}

func assertSize(ctx context.Context, st *State, args []string) error {
	want, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return &ValueError{Name: "BYTES", Value: args[1], Want: "a number of bytes"}
	}
	got, err := st.client.Size(ctx, args[0])
	if err != nil {
		return err
	}
	if got != want {
		return &VerifyError{Path: args[0], What: fmt.Sprintf("has %s, not %s", list.Bytes(got), list.Bytes(want))}
	}
	return nil
}

func assertCount(ctx context.Context, st *State, args []string) error {
	want, err := strconv.Atoi(args[1])
	if err != nil {
		return &ValueError{Name: "NUMBER", Value: args[1], Want: "a number"}
	}
	got := 0
	for line, err := range st.client.List(ctx, args[0]) {
		if err != nil {
			return err
		}
		if line.Verdict == list.Unknown {
			return &VerifyError{Path: args[0], What: "a line of its listing was not understood: " + list.Printable(line.Text)}
		}
		if line.Verdict == list.Understood && line.Entry.Name != "." && line.Entry.Name != ".." {
			got++
		}
	}
	if got != want {
		return &VerifyError{Path: args[0], What: fmt.Sprintf("has %d entries, not %d", got, want)}
	}
	return nil
}

// assertChecksum tells the algorithm by the length of the checksum.
func assertChecksum(ctx context.Context, st *State, args []string) error {
	algos := map[int]client.HashAlgo{8: client.CRC32, 32: client.MD5, 40: client.SHA1, 64: client.SHA256, 128: client.SHA512}
	algo, ok := algos[len(args[1])]
	if !ok {
		return &ValueError{Name: "HEX", Value: args[1], Want: "the digits of CRC32, MD5, SHA-1, SHA-256 or SHA-512"}
	}
	sum, err := st.client.Hash(ctx, args[0], algo, 0, 0)
	if err != nil {
		return err
	}
	if !bytes.EqualFold([]byte(sum.Hex), []byte(args[1])) {
		return &VerifyError{Path: args[0], What: fmt.Sprintf("has the %s %s", algo, sum.Hex)}
	}
	return nil
}

// assertSame compares two local files, or two trees with all that is in them.
func assertSame(ctx context.Context, st *State, args []string) error {
	return sameTree(ctx, st.Local(args[0]), st.Local(args[1]))
}

func sameTree(ctx context.Context, a, b string) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	ai, err := os.Stat(a)
	if err != nil {
		return err
	}
	bi, err := os.Stat(b)
	if err != nil {
		return err
	}
	switch {
	case ai.IsDir() != bi.IsDir():
		return &VerifyError{Path: b, What: "is not of the same kind as " + a}
	case !ai.IsDir():
		return sameFile(a, b)
	}
	names := map[string]bool{}
	for _, dir := range []string{a, b} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			names[e.Name()] = true
		}
	}
	for name := range names {
		err := sameTree(ctx, filepath.Join(a, name), filepath.Join(b, name))
		if errors.Is(err, fs.ErrNotExist) {
			return &VerifyError{Path: filepath.Join(b, name), What: "is on one side only"}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func sameFile(a, b string) error {
	af, err := os.Open(a)
	if err != nil {
		return err
	}
	defer af.Close()
	bf, err := os.Open(b)
	if err != nil {
		return err
	}
	defer bf.Close()
	const piece = 64 << 10
	ab, bb := make([]byte, piece), make([]byte, piece)
	for {
		an, aerr := io.ReadFull(af, ab)
		bn, berr := io.ReadFull(bf, bb)
		if !bytes.Equal(ab[:an], bb[:bn]) {
			return &VerifyError{Path: b, What: "differs from " + a}
		}
		switch {
		case ended(aerr) && ended(berr):
			return nil
		case aerr != nil && !ended(aerr):
			return aerr
		case berr != nil && !ended(berr):
			return berr
		}
	}
}

func ended(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
