package users

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"ferry/proto"
)

// ParseError is what a users file has wrong, and where.
type ParseError struct {
	File      string
	Line, Col int // from 1; columns are characters
	Err       error
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Col, e.Err)
}

func (e *ParseError) Unwrap() error { return e.Err }

// parse reads a users file. It accepts nothing that it does not obey: unknown
// fields, fields given twice and values of another kind are errors.
func parse(file string, text []byte) ([]Record, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // Windows editors put it there
	p := newParser(file, text)
	if !utf8.Valid(text) {
		return nil, p.bad(validUTF8(text), errors.New("not UTF-8"))
	}
	if err := p.top(); err != nil {
		return nil, err
	}
	return p.records, nil
}

func newParser(file string, text []byte) *parser {
	p := &parser{file: file, text: text, dec: json.NewDecoder(bytes.NewReader(text)), names: make(map[string]bool)}
	p.dec.UseNumber()
	return p
}

type parser struct {
	file    string
	text    []byte
	dec     *json.Decoder
	start   int // offset of the token read last
	records []Record
	names   map[string]bool
}

// top is {"users": […]}.
func (p *parser) top() error {
	found := false
	err := p.object(func(key string) error {
		if key != "users" {
			return p.here(`unknown field %q: a users file is {"users": […]}`, key)
		}
		found = true
		return p.users()
	})
	switch {
	case err != nil:
		return err
	case !found:
		return p.here(`no field "users"`)
	}
	if _, err := p.token(); !errors.Is(err, io.EOF) {
		return p.here("something follows the end")
	}
	return nil
}

func (p *parser) users() error {
	if err := p.delim('['); err != nil {
		return err
	}
	for p.dec.More() {
		if err := p.user(); err != nil {
			return err
		}
	}
	return p.delim(']')
}

// user is one record.
func (p *parser) user() error {
	r := Record{}
	var set fieldSet
	begin := p.next()
	err := p.object(func(key string) error { return p.field(&r, &set, key) })
	if err != nil {
		return err
	}
	switch {
	case r.Name == "":
		err = errors.New(`user without "name"`)
	case p.names[r.Name]:
		err = fmt.Errorf("user %q is there twice", r.Name)
	case !set.perm:
		err = fmt.Errorf(`user %q has no "permissions"`, r.Name)
	case r.Password == "":
		err = fmt.Errorf(`user %q has no "password"`, r.Name)
	default:
		err = r.check()
	}
	if err != nil {
		return p.bad(begin, err)
	}
	p.names[r.Name] = true
	p.records = append(p.records, r)
	return nil
}

// fieldSet tells what was given, where the value does not tell.
type fieldSet struct{ perm bool }

func (p *parser) field(r *Record, set *fieldSet, key string) (err error) {
	switch key {
	case "name":
		r.Name, err = p.string(key)
	case "password":
		r.Password, err = p.secret(key)
	case "account":
		r.Account, err = p.secret(key)
	case "root":
		r.Root, err = p.string(key)
	case "home":
		r.Home, err = p.string(key)
	case "mounts":
		r.Mounts, err = p.strings(key)
	case "records":
		var word string
		word, err = p.string(key)
		r.Records = Records(word)
	case "disabled":
		r.Disabled, err = p.bool(key)
	case "directories", "addresses", "tls", "limits", "expires":
		return p.rules(r, key)
	case "permissions":
		set.perm = true
		r.Perm, err = p.perm(key)
	default:
		return p.here("unknown field %q: name, password, account, root, home, permissions, mounts, records, directories, addresses, tls, limits, expires, disabled", key)
	}
	return err
}

func (p *parser) perm(key string) (Perm, error) {
	text, err := p.string(key)
	if err != nil {
		return 0, err
	}
	perm, err := ParsePerm(text)
	if err != nil {
		return 0, p.bad(p.start, err)
	}
	return perm, nil
}

func (p *parser) secret(key string) (proto.Secret, error) {
	text, err := p.string(key)
	return proto.Secret(text), err
}

func (p *parser) string(key string) (string, error) {
	tok, err := p.token()
	if err != nil {
		return "", p.syntax(err)
	}
	if s, ok := tok.(string); ok {
		return s, nil
	}
	return "", p.here("%q must be a string", key)
}

// strings is an object whose values are strings.
func (p *parser) strings(key string) (map[string]string, error) {
	m := map[string]string{}
	err := p.object(func(name string) (err error) {
		m[name], err = p.string(key + "." + name)
		return err
	})
	if len(m) == 0 {
		m = nil
	}
	return m, err
}

func (p *parser) bool(key string) (bool, error) {
	tok, err := p.token()
	if err != nil {
		return false, p.syntax(err)
	}
	if b, ok := tok.(bool); ok {
		return b, nil
	}
	return false, p.here("%q must be true or false", key)
}

// object reads {…} and calls value behind each key.
func (p *parser) object(value func(key string) error) error {
	if err := p.delim('{'); err != nil {
		return err
	}
	seen := make(map[string]bool)
	for p.dec.More() {
		tok, err := p.token()
		if err != nil {
			return p.syntax(err)
		}
		key, ok := tok.(string)
		if !ok || seen[key] {
			return p.here("field %q is there twice", tok)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	return p.delim('}')
}

func (p *parser) delim(want json.Delim) error {
	tok, err := p.token()
	if err != nil {
		return p.syntax(err)
	}
	if tok != want {
		return p.here("want %v", want)
	}
	return nil
}

func (p *parser) token() (json.Token, error) {
	p.start = p.next()
	return p.dec.Token()
}

// next is where the next token begins.
func (p *parser) next() int {
	at := int(p.dec.InputOffset())
	for at < len(p.text) && bytes.IndexByte([]byte(" \t\r\n,:"), p.text[at]) >= 0 {
		at++
	}
	return at
}

func (p *parser) here(format string, args ...any) error {
	return p.bad(p.start, fmt.Errorf(format, args...))
}

// syntax is what the JSON decoder found.
func (p *parser) syntax(err error) error {
	var se *json.SyntaxError
	switch {
	case errors.As(err, &se) && se.Offset == p.dec.InputOffset(): // a token out of place
		return p.bad(int(se.Offset), err)
	case errors.As(err, &se): // a bad character, which is counted
		return p.bad(int(se.Offset)-1, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return p.bad(len(p.text), errors.New("the file ends too early"))
	}
	return p.bad(p.start, err)
}

func (p *parser) bad(offset int, err error) error {
	before := p.text[:min(max(offset, 0), len(p.text))]
	line := bytes.LastIndexByte(before, '\n') + 1
	return &ParseError{
		File: p.file,
		Line: bytes.Count(before, []byte("\n")) + 1,
		Col:  utf8.RuneCount(before[line:]) + 1,
		Err:  err,
	}
}

// validUTF8 is the length of the part of text that is.
func validUTF8(text []byte) int {
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeRune(text[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}
