package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ferry/proto"
)

// HashAlgo is the name of a hash as HASH has it.
type HashAlgo string

// The hashes that servers are known to offer.
const (
	CRC32  HashAlgo = "CRC32"
	MD5    HashAlgo = "MD5"
	SHA1   HashAlgo = "SHA-1"
	SHA256 HashAlgo = "SHA-256"
	SHA512 HashAlgo = "SHA-512"
)

// Sum is a checksum that the server computed.
type Sum struct {
	Algo HashAlgo
	Hex  string // lower case, of full length
}

// dialect is how one hash is asked for: by HASH, or by commands of its own.
type dialect struct {
	algo   HashAlgo
	digits int      // hexadecimal digits of a sum
	verbs  []string // older commands; FEAT names them
}

// dialects has the strongest first.
func dialects() []dialect {
	return []dialect{
		{SHA512, 128, []string{"XSHA512"}},
		{SHA256, 64, []string{"XSHA256"}},
		{SHA1, 40, []string{"XSHA1", "XSHA"}},
		{MD5, 32, []string{"XMD5", "MD5"}},
		{CRC32, 8, []string{"XCRC"}},
	}
}

// dialectOf is that of an algorithm; its zero value of one that nobody has.
func dialectOf(algo HashAlgo) dialect {
	for _, d := range dialects() {
		if d.algo == algo {
			return d
		}
	}
	return dialect{}
}

// HashAlgos are those that FEAT promises, the strongest first.
func (c *Client) HashAlgos() []HashAlgo {
	var algos []HashAlgo
	for _, d := range dialects() {
		if c.hashes(d.algo) || c.hashVerb(d) != "" {
			algos = append(algos, d.algo)
		}
	}
	return algos
}

// hashes reports whether HASH knows the algorithm. SFTPGo's FEAT forgets the
// word HASH and begins with the algorithms.
func (c *Client) hashes(algo HashAlgo) bool {
	f := c.in.features
	return f.Has("HASH") && f.HasParam("HASH", string(algo))
}

func (c *Client) hashVerb(d dialect) string {
	for _, verb := range d.verbs {
		if c.in.features.Has(verb) {
			return verb
		}
	}
	return ""
}

// Hash asks for the checksum of a file, or of length bytes from offset;
// length 0 means all of it. errors.ErrUnsupported when the server can't.
func (c *Client) Hash(ctx context.Context, path string, algo HashAlgo, offset, length int64) (Sum, error) {
	unsupported := fmt.Errorf("%s of a remote file: %w", algo, errors.ErrUnsupported)
	if err := c.binary(ctx); err != nil {
		return Sum{}, err
	}
	d, whole := dialectOf(algo), offset == 0 && length == 0
	verb := c.hashVerb(d)
	switch {
	case c.hashes(algo) && whole:
		return c.hash(ctx, path, d)
	case c.hashes(algo) && c.in.features.Has("RANG") && !c.in.wholeHash:
		s, err := c.hashPart(ctx, path, d, offset, length)
		if !errors.Is(err, errWhole) || verb == "" {
			return s, err
		}
		return c.xhash(ctx, path, d, verb, offset, length)
	case verb != "" && (whole || verb != "MD5"):
		return c.xhash(ctx, path, d, verb, offset, length)
	}
	return Sum{}, unsupported
}

// hash is HASH with OPTS HASH, draft-bryan-ftpext-hash.
func (c *Client) hash(ctx context.Context, path string, d dialect) (Sum, error) {
	if err := c.hashBy(ctx, d); err != nil {
		return Sum{}, err
	}
	r, err := c.done(ctx, "HASH", name(path))
	if err != nil {
		return Sum{}, err
	}
	return sum(r, path, d)
}

// hashBy chooses the algorithm of HASH.
func (c *Client) hashBy(ctx context.Context, d dialect) error {
	if c.in.hash == string(d.algo) {
		return nil
	}
	_, err := c.done(ctx, "OPTS", "HASH", string(d.algo))
	if err == nil {
		c.in.hash = string(d.algo)
	}
	return err
}

// xhash is one of the X commands. Serv-U and GlobalSCAPE want names with
// blanks in quotes; ranges are start and end behind the name.
func (c *Client) xhash(ctx context.Context, path string, d dialect, verb string, offset, length int64) (Sum, error) {
	arg := name(path)
	ranged := offset > 0 || length > 0
	if ranged || strings.Contains(arg, " ") {
		arg = `"` + arg + `"`
	}
	if ranged {
		end, err := c.partEnd(ctx, path, offset, length)
		if err != nil {
			return Sum{}, err
		}
		arg += " " + strconv.FormatInt(offset, 10) + " " + strconv.FormatInt(end, 10)
	}
	r, err := c.do(ctx, proto.Cmd(verb, arg))
	if isRefusal(err) && !c.Broken() && !ranged && arg != name(path) {
		r, err = c.do(ctx, proto.Cmd(verb, name(path))) // quotes taken for part of the name
	}
	if err != nil {
		return Sum{}, err
	}
	return sum(r, path, d)
}

// sum finds the checksum in a reply. The dialects:
//
//	213 SHA-256 0-49 <hex> name     draft-bryan-ftpext-hash
//	213 SHA-256 <hex>               FileZilla Server, Cerberus: no range, no name
//	251 "name" <HEX>                draft-twine-ftpmd5, Apache MINA
//	250 <HEX>  213 <HEX>            X commands
//	220 <hex>                       WS_FTP
//	250-name\r\n250 <hex>           several lines
func sum(r proto.Reply, path string, d dialect) (Sum, error) {
	if r.Code.Class() == proto.Done {
		for i := len(r.Lines) - 1; i >= 0; i-- {
			if hex, ok := findHex(withoutName(r.Lines[i], path), d); ok {
				return Sum{Algo: d.algo, Hex: hex}, nil
			}
		}
	}
	return Sum{}, &proto.SyntaxError{What: string(d.algo) + " reply", Text: r.String()}
}

// withoutName drops the name that a line repeats: it may look like a sum.
func withoutName(line, path string) string {
	if strings.HasPrefix(line, `"`) {
		if end := strings.LastIndexByte(line, '"'); end > 0 {
			return line[end+1:]
		}
	}
	base := path[strings.LastIndexByte(path, '/')+1:]
	for _, n := range []string{path, base} {
		if rest, ok := strings.CutSuffix(line, " "+n); ok && n != "" {
			return rest
		}
	}
	return line
}

// findHex finds the one word that is a sum of the right length. A CRC may have
// lost its leading zeros, and then stands alone or last.
func findHex(text string, d dialect) (string, bool) {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t,;:=()", r) })
	for i := len(words) - 1; i >= 0; i-- {
		if len(words[i]) == d.digits && isHex(words[i]) {
			return strings.ToLower(words[i]), true
		}
	}
	if d.algo != CRC32 || len(words) == 0 {
		return "", false
	}
	last := words[len(words)-1]
	if len(last) > d.digits || !isHex(last) {
		return "", false
	}
	return strings.ToLower(strings.Repeat("0", d.digits-len(last)) + last), true
}

func isHex(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if (c < 'a' || c > 'f') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}
