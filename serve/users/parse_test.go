package users

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const someHash = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

func TestParse(t *testing.T) {
	const text = "\xef\xbb\xbf" + `{"users": [
  {"name": "ann é", "password": "` + someHash + `", "permissions": "read-only, write",
   "root": "../ann", "home": "/", "account": "a\"b", "disabled": true,
   "mounts": {"archive": "/srv/old", "b c": "x"}, "records": "rdw"},
  {"permissions": "none", "password": "` + someHash + `", "name": "bob"}
]}
`
	got, err := parse("users.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []Record{
		{Name: "ann é", Password: someHash, Account: `a"b`, Root: "../ann", Home: "/", Perm: List | Read | Write,
			Mounts: map[string]string{"archive": "/srv/old", "b c": "x"}, Records: RDW, Disabled: true},
		{Name: "bob", Password: someHash},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	out, err := format(got)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := parse("users.json", out); err != nil || !cmp.Equal(want, again) {
		t.Errorf("written as %s: %v", out, err)
	}
}

// TestParseErrors: every refusal tells where and what.
func TestParseErrors(t *testing.T) {
	user := func(field string) string {
		return "{\"users\": [\n  {\"name\": \"ann\", \"password\": \"" + someHash + "\",\n   \"permissions\": \"all\", " + field + "}]}"
	}
	for _, c := range []struct {
		text, where, what string
	}{
		{"", "1:1", "too early"},
		{"[]", "1:1", "want {"},
		{"null", "1:1", "want {"},
		{"{}", "1:2", `no field "users"`},
		{`{"user": []}`, "1:2", `unknown field "user"`},
		{`{"users": {}}`, "1:11", "want ["},
		{`{"users": [], "users": []}`, "1:15", "twice"},
		{"{\"users\": []}\n\n{}", "3:1", "something follows"},
		{"{\"users\": []\n", "2:1", "too early"},
		{"{\"users\": [\n  7]}", "2:3", "want {"},
		{"{\"users\": [\n  {,", "2:4", "invalid character"},
		{"{\"users\": [\n  \xff", "2:3", "UTF-8"},
		{user(`"quota": 5`), "3:26", `unknown field "quota"`},
		{user(`"name": "bob"`), "3:26", `"name" is there twice`},
		{user(`"disabled": "yes"`), "3:38", "true or false"},
		{user(`"mounts": "x"`), "3:36", "want {"},
		{user(`"mounts": {"a": 1}`), "3:42", "must be a string"},
		{user(`"mounts": {"a": ""}`), "2:3", "no directory"},
		{user(`"mounts": {"": "a"}`), "2:3", "can't be named"},
		{user(`"records": "mvs"`), "2:3", "rdw"},
		{user(`"root": null`), "3:34", "must be a string"},
		{user(`"home": ["/"]`), "3:34", "must be a string"},
		{user(`"home": "in"`), "2:3", `home "in"`},
		{user(`"home": "/a/.."`), "2:3", "home"},
		{user(`"root": "a\u0000b"`), "2:3", "NUL"},
		{strings.Replace(user(`"home": "/"`), `"all"`, `"all wrote"`, 1), "3:19", `"wrote"`},
		{strings.Replace(user(`"home": "/"`), `"all"`, `" "`, 1), "3:19", "no permission given"},
		{strings.Replace(user(`"home": "/"`), `"permissions": "all",`, ``, 1), "2:3", `has no "permissions"`},
		{strings.Replace(user(`"home": "/"`), someHash, "secret", 1), "2:3", "ferry users passwd"},
		{strings.Replace(user(`"home": "/"`), someHash, "", 1), "2:3", `has no "password"`},
		{strings.Replace(user(`"home": "/"`), `"ann"`, `""`, 1), "2:3", `without "name"`},
		{strings.Replace(user(`"home": "/"`), `"ann"`, `"a\u001b"`, 1), "2:3", "control character"},
		{strings.Replace(user(`"home": "/"`), `}]`, `}, {"name": "ann", "password": "x", "permissions": "all"}]`, 1), "3:40", "there twice"},
	} {
		_, err := parse("users.json", []byte(c.text))
		var pe *ParseError
		if !errors.As(err, &pe) {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if !strings.HasPrefix(pe.Error(), "users.json:"+c.where+": ") || !strings.Contains(pe.Error(), c.what) {
			t.Errorf("%s\n%v, want %s: … %s", c.text, pe, c.where, c.what)
		}
		if strings.Contains(pe.Error(), "argon2id$") {
			t.Errorf("an error shows a hash: %v", pe)
		}
	}
}

func TestTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.json")
	if err := os.WriteFile(path, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("%v", err)
	}
	if _, err := Open(path+"x", Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestPerm(t *testing.T) {
	for text, want := range map[string]Perm{
		"all": All, "none": 0, "read-only": List | Read, "List,READ": List | Read,
		"write  overwrite\tappend": Write | Overwrite | Append, "none site": Site,
		"delete, rename, mkdir, chmod": Delete | Rename | Mkdir | Chmod,
	} {
		got, err := ParsePerm(text)
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
		if again, err := ParsePerm(got.String()); err != nil || again != got {
			t.Errorf("%q is written %q and read %v, %v", text, got, again, err)
		}
	}
	for _, bad := range []string{"", " ", ",", "rw", "all!", "lists"} {
		if p, err := ParsePerm(bad); err == nil {
			t.Errorf("%q: %v", bad, p)
		}
	}
	if !All.Has(Read|Site) || ReadOnly.Has(Read|Write) {
		t.Error("Has")
	}
}

// FuzzParse: whatever is accepted is written and read back as the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"users": [{"name": "a", "password": "` + someHash + `", "permissions": "all", "home": "/x"}]}`))
	f.Add([]byte(`{"users": []}`))
	f.Add([]byte(`{"users": [{"name": "\ud800", "disabled": true, "account": "<>&"}]}`))
	f.Add([]byte("\xef\xbb\xbf{\"users\"\n:[{\"\":1}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		records, err := parse("f", text)
		if err != nil {
			var pe *ParseError
			if !errors.As(err, &pe) || pe.Line < 1 || pe.Col < 1 || pe.Line > len(text)+1 || pe.Col > len(text)+1 {
				t.Fatalf("%v", err)
			}
			return
		}
		out, err := format(records)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse("f", out)
		if err != nil || len(again) != len(records) {
			t.Fatalf("%v\n%s", err, out)
		}
		for i := range records {
			if !cmp.Equal(records[i], again[i]) {
				t.Fatalf("%#v\n%#v", records[i], again[i])
			}
		}
	})
}
