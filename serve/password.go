package serve

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"ferry/proto"
)

// Password says where a password comes from. It is never an argument: those
// are seen by everybody on the machine.
type Password struct {
	Hash   proto.Secret                 // of a password that the parent process knows
	File   string                       // --password-file; "-" is standard input
	Env    string                       // FERRY_PASSWORD
	Prompt func() (proto.Secret, error) // nil: nobody can be asked
	Stdin  io.Reader
}

// origin is where a password came from in the end.
type origin int

const (
	given  origin = iota // its owner knows it
	madeUp               // it must be printed
)

// get takes the first source that there is, and makes a password up when
// there is none.
func (p Password) get() (proto.Secret, origin, error) {
	switch {
	case p.File != "":
		s, err := p.read()
		return s, given, err
	case p.Env != "":
		return proto.Secret(p.Env), given, nil
	case p.Prompt != nil:
		s, err := p.Prompt()
		return s, given, err
	}
	return makePassword(), madeUp, nil
}

// read returns the first line of the file.
func (p Password) read() (proto.Secret, error) {
	in := p.Stdin
	if p.File != "-" {
		f, err := os.Open(p.File)
		if err != nil {
			return "", fmt.Errorf("--password-file: %w", err)
		}
		defer f.Close()
		in = f
	}
	line, err := bufio.NewReader(io.LimitReader(in, maxPasswordFile)).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	switch {
	case line != "":
		return proto.Secret(line), nil
	case err == nil || errors.Is(err, io.EOF):
		return "", fmt.Errorf("--password-file %s: its first line is empty", p.File)
	}
	return "", fmt.Errorf("--password-file: %w", err)
}

// makePassword makes one up: 80 random bits in letters and digits that can't
// be mistaken for one another, and need no quoting in URLs or shells.
func makePassword() proto.Secret {
	const alphabet = "abcdefghijkmnpqrstuvwxyz23456789" // 32
	var raw [16]byte
	rand.Read(raw[:]) // never fails
	var b strings.Builder
	for i, r := range raw {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[int(r)%len(alphabet)])
	}
	return proto.Secret(b.String())
}
