package script

import (
	"context"
	"fmt"
	"strings"

	"ferry/proto/client"
	"ferry/proto/list"
)

func size(ctx context.Context, st *State, a Args) error {
	return st.ofEach(ctx, a.Words, func(name string) (string, error) {
		n, err := st.client.Size(ctx, name)
		return fmt.Sprint(n), err
	})
}

func modtime(ctx context.Context, st *State, a Args) error {
	return st.ofEach(ctx, a.Words, func(name string) (string, error) {
		t, err := st.client.ModTime(ctx, name)
		return timeText(t), err
	})
}

// checksum prints what the server computes, in the form of sha256sum.
func checksum(ctx context.Context, st *State, a Args) error {
	algo := client.HashAlgo(strings.ToUpper(a.Value("-a")))
	if algo == "" {
		algos := st.client.HashAlgos()
		if len(algos) == 0 {
			return &StateError{What: "the server computes no checksums", Hint: "`features` shows what it can; `set verify size` compares sizes"}
		}
		algo = algos[0]
	}
	names, err := st.remoteAll(ctx, a.Words)
	if err != nil {
		return err
	}
	for _, m := range names {
		sum, err := st.client.Hash(ctx, m.path, algo, 0, 0)
		if err != nil {
			return err
		}
		if err := st.print(sum.Hex + "  " + m.path); err != nil {
			return err
		}
	}
	return nil
}

// stat prints what the server knows of a name.
func stat(ctx context.Context, st *State, a Args) error {
	name := orDot(a.Text(0))
	e, err := st.client.Stat(ctx, name)
	if err != nil {
		return err
	}
	e.Name = name
	return Listing{Lines: []list.Line{{Entry: e, Verdict: list.Understood}}, Long: true}.write(st.Out)
}

// ofEach prints a value of each name: alone for one, behind it for many.
func (st *State) ofEach(ctx context.Context, words []Word, value func(name string) (string, error)) error {
	names, err := st.remoteAll(ctx, words)
	if err != nil {
		return err
	}
	for _, m := range names {
		v, err := value(m.path)
		if err != nil {
			return err
		}
		columns := []string{v}
		if len(names) > 1 {
			columns = append(columns, m.path)
		}
		if err := st.print(columns...); err != nil {
			return err
		}
	}
	return nil
}
