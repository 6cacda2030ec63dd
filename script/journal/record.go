package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// Kind is what a record tells.
type Kind string

const (
	RunKind   Kind = "run"    // the first line: which run this is
	AgainKind Kind = "resume" // a run went on here
	Begin     Kind = "begin"  // a line is about to change something
	File      Kind = "file"   // one file has its name at its target
	Value     Kind = "value"  // what a condition or a list was
	Done      Kind = "done"   // a line is done
	Failed    Kind = "failed" // a line failed, and is not done
	End       Kind = "end"    // the run ended by itself
)

// Name is a name of a file: bytes, which JSON's strings can't always hold.
type Name string

// MarshalJSON writes bytes that are no UTF-8 as {"base64": …}.
func (n Name) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(n)) {
		return json.Marshal(string(n))
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(n))})
}

// UnmarshalJSON is MarshalJSON backwards.
func (n *Name) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err == nil {
		*n = Name(s)
		return nil
	}
	var coded map[string][]byte
	if err := json.Unmarshal(text, &coded); err != nil {
		return err
	}
	b, ok := coded["base64"]
	if !ok || len(coded) != 1 {
		return errors.New("not a name")
	}
	*n = Name(b)
	return nil
}

// Record is one line of a journal.
type Record struct {
	Kind Kind      `json:"kind"`
	ID   string    `json:"id,omitempty"` // of the line, as it is executed
	At   time.Time `json:"at"`
	Site string    `json:"site,omitempty"` // user@host:port

	// of RunKind
	Head *Head `json:"run,omitempty"`

	// of File; of Begin, what the line found before it began
	Way    Direction `json:"way,omitempty"`
	Local  Name      `json:"local,omitempty"` // absolute
	Remote Name      `json:"remote,omitempty"`
	Size   int64     `json:"size,omitempty"`
	Time   time.Time `json:"time,omitzero"` // of the source
	Hash   string    `json:"hash,omitempty"`

	Values []Name `json:"values,omitempty"`
	Code   int    `json:"code,omitempty"` // of End

	// Changes says, of Begin, that more than a transfer is about to happen:
	// what was moved before can't be compared behind it.
	Changes bool `json:"changes,omitempty"`

	Number int `json:"-"` // which record it is, from 1; set by Read
}

// Direction is which way a file went: "up" or "down".
type Direction string

// Head says which run a journal is of.
type Head struct {
	Version int       `json:"version"`
	Script  Name      `json:"script"` // absolute
	Sum     string    `json:"sum"`    // SHA-256 of the script's text
	Began   time.Time `json:"began"`
	Nonce   string    `json:"nonce"` // tells this journal's lines from any other's
}

// version is that of the records; another one is refused.
const version = 1

// sumLength is how many hexadecimal digits vouch for a line.
const sumLength = 16

// sum vouches for a record: what it says, which line it is, of which journal.
func sum(nonce string, number int, text []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d\n", nonce, number)
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil))[:sumLength]
}

// line is a record as it is written.
func (r Record) line(nonce string, number int) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if r.Kind == RunKind {
		nonce = ""
	}
	var b bytes.Buffer
	b.WriteString(sum(nonce, number, text))
	b.WriteByte(' ')
	b.Write(text)
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// parse reads a line without its end. It is false for one that was not
// written as number, or is no record.
func parse(nonce string, number int, line []byte) (r Record, ok bool) {
	if len(line) < sumLength+1 || line[sumLength] != ' ' {
		return r, false
	}
	text := line[sumLength+1:]
	if string(line[:sumLength]) != sum(nonce, number, text) {
		return r, false
	}
	return r, json.Unmarshal(text, &r) == nil
}

// Key names the journal of a run: what is the same in a run and in the one
// that goes on with it. Nothing of the parts can be read from it.
func Key(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return hex.EncodeToString(h.Sum(nil))[:2*sumLength]
}

// Sum is what Head.Sum holds of a script.
func Sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}
