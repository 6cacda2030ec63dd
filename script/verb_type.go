package script

import (
	"context"
	"strings"

	"ferry/proto"
)

// setType makes the verbs binary, ascii, ebcdic and tenex.
func setType(t proto.Type) func(context.Context, *State, Args) error {
	return func(ctx context.Context, st *State, _ Args) error {
		p := st.params
		p.Type = t
		return st.setParams(ctx, p)
	}
}

// typeVerb sets the type of transfers, or shows a file as cmd.exe's type does.
func typeVerb(ctx context.Context, st *State, a Args) error {
	if a.Len() == 0 {
		return st.print(st.params.String())
	}
	if t, ok := parseTypeName(a); ok {
		return setType(t)(ctx, st, a)
	}
	if err := st.ready(ctx, Login); err != nil {
		return err
	}
	return cat(ctx, st, a)
}

func parseTypeName(a Args) (proto.Type, bool) {
	switch strings.ToLower(a.Text(0)) {
	case "ascii", "a":
		t := proto.TypeA
		return withForm(t, a.Text(1))
	case "binary", "image", "i":
		return proto.TypeI, a.Len() == 1
	case "ebcdic", "e":
		return withForm(proto.TypeE, a.Text(1))
	case "local", "l", "tenex":
		return proto.TypeL, a.Len() == 1 || a.Text(1) == "8"
	}
	return proto.Type{}, false
}

func withForm(t proto.Type, form string) (proto.Type, bool) {
	if form == "" {
		return t, true
	}
	t, err := proto.ParseType(string(t.Code) + " " + form[:1])
	return t, err == nil
}

// initial is the letter that FTP has for a word such as "record".
func initial(word string) string { return strings.ToUpper(word[:1]) }

func struVerb(ctx context.Context, st *State, a Args) error {
	s, err := proto.ParseStru(initial(a.Text(0)))
	if err != nil {
		return err
	}
	p := st.params
	p.Stru = s
	return st.setParams(ctx, p)
}

func modeVerb(ctx context.Context, st *State, a Args) error {
	letter := initial(a.Text(0))
	if letter == "D" { // deflate
		letter = "Z"
	}
	m, err := proto.ParseMode(letter)
	if err != nil {
		return err
	}
	p := st.params
	p.Mode = m
	return st.setParams(ctx, p)
}

func formVerb(ctx context.Context, st *State, a Args) error {
	p := st.params
	if !p.Type.Text() {
		p.Type = proto.TypeA
	}
	t, err := proto.ParseType(string(p.Type.Code) + " " + initial(a.Text(0)))
	if err != nil {
		return err
	}
	p.Type = t
	return st.setParams(ctx, p)
}

// setParams keeps what is wanted, and tells the server if there is one.
func (st *State) setParams(ctx context.Context, p proto.Params) error {
	if st.LoggedIn() {
		if err := st.client.SetParams(ctx, p); err != nil {
			return err
		}
	}
	st.params = p
	return nil
}
