package client

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"ferry/proto"
)

// Dial connects to host or host:port (21) and reads the greeting. Errors:
// *ConnectError, ctx's.
func Dial(ctx context.Context, address string, cfg Config) (*Client, error) {
	return nil, errors.ErrUnsupported
}

// Credentials say who logs in. An empty User is anonymous.
type Credentials struct {
	User    string
	Pass    proto.Secret
	Account proto.Secret
}

// Login logs in, asks for the features and sets TYPE I. Errors: *LoginError
// (another Login may follow), *LostError.
func (c *Client) Login(ctx context.Context, who Credentials) error { return errors.ErrUnsupported }

// Account sends ACCT.
func (c *Client) Account(ctx context.Context, account proto.Secret) error {
	return errors.ErrUnsupported
}

// Reinit ends the login, not the connection (REIN).
func (c *Client) Reinit(ctx context.Context) error { return errors.ErrUnsupported }

// Check says whether sizes are compared after a transfer.
type Check byte

const (
	CheckSize Check = iota // with what the 150 reply announced, else with SIZE
	CheckNone              // only with what the 150 reply announced
)

// Transfer says how one file is transferred. The zero value is the whole file
// under the Client's parameters.
type Transfer struct {
	Offset int64         // where to begin, in bytes (REST); for Append what is there already, 0 not known
	Marker string        // in place of Offset: a restart marker that the server gave (MODE B and C)
	Size   int64         // bytes of the whole file, where the caller knows; 0 not known
	Max    int64         // Retrieve: most bytes accepted; 0 no bound
	Check  Check         // is the size compared afterwards?
	Params *proto.Params // nil: the Client's
	Moved  *atomic.Int64 // counts the bytes while they move; nil: nobody asks
}

// Retrieve writes the remote file to dst and returns how many bytes it wrote.
// Errors: *proto.ReplyError, *DataError, *SizeError, *LocalError, *LostError,
// ctx's.
func (c *Client) Retrieve(ctx context.Context, path string, dst io.Writer, t Transfer) (int64, error) {
	return 0, errors.ErrUnsupported
}

// Store writes src to the remote file. With an Offset, src must stand there
// already.
func (c *Client) Store(ctx context.Context, path string, src io.Reader, t Transfer) (int64, error) {
	return 0, errors.ErrUnsupported
}

// Append adds src to the end of the remote file.
func (c *Client) Append(ctx context.Context, path string, src io.Reader, t Transfer) (int64, error) {
	return 0, errors.ErrUnsupported
}

// StoreUnique writes src under a name that the server chooses, "" when it
// doesn't tell. path is a proposal and may be "".
func (c *Client) StoreUnique(ctx context.Context, path string, src io.Reader, t Transfer) (name string, n int64, err error) {
	return "", 0, errors.ErrUnsupported
}

// SetParams sets TYPE, STRU and MODE.
func (c *Client) SetParams(ctx context.Context, p proto.Params) error { return errors.ErrUnsupported }

// Params are what SetParams set; proto.Binary after a login.
func (c *Client) Params() proto.Params { return proto.Params{} }

// System is the text of SYST. It is asked for once.
func (c *Client) System(ctx context.Context) (string, error) { return "", errors.ErrUnsupported }

// Pwd is the current directory.
func (c *Client) Pwd(ctx context.Context) (string, error) { return "", errors.ErrUnsupported }

// ChangeDir changes the current directory.
func (c *Client) ChangeDir(ctx context.Context, dir string) error { return errors.ErrUnsupported }

// ChangeToParent goes one directory up.
func (c *Client) ChangeToParent(ctx context.Context) error { return errors.ErrUnsupported }

// MakeDir makes a directory and returns its name as the server tells it.
func (c *Client) MakeDir(ctx context.Context, dir string) (string, error) {
	return "", errors.ErrUnsupported
}

// RemoveDir removes an empty directory.
func (c *Client) RemoveDir(ctx context.Context, dir string) error { return errors.ErrUnsupported }

// Delete removes a file.
func (c *Client) Delete(ctx context.Context, path string) error { return errors.ErrUnsupported }

// Rename renames. Whether an existing target is replaced is the server's
// business.
func (c *Client) Rename(ctx context.Context, from, to string) error { return errors.ErrUnsupported }

// Size is the size of a file in bytes (SIZE under TYPE I).
func (c *Client) Size(ctx context.Context, path string) (int64, error) {
	return 0, errors.ErrUnsupported
}

// ModTime is the time of a file's last change (MDTM), UTC.
func (c *Client) ModTime(ctx context.Context, path string) (time.Time, error) {
	return time.Time{}, errors.ErrUnsupported
}

// SetModTime sets it: MFMT, else MDTM, else SITE UTIME. errors.ErrUnsupported
// when the server knows none of them.
func (c *Client) SetModTime(ctx context.Context, path string, t time.Time) error {
	return errors.ErrUnsupported
}

// Stat describes one file or directory: MLST, else SIZE, MDTM and CWD, else a
// listing of its parent. For what is not there the error is also
// fs.ErrNotExist.
func (c *Client) Stat(ctx context.Context, path string) (proto.Entry, error) {
	return proto.Entry{}, errors.ErrUnsupported
}

// ListRaw runs a listing command as it is (LIST -R, MLSD, NLST *.txt) and
// copies the text to w, with LF line ends.
func (c *Client) ListRaw(ctx context.Context, cmd proto.Command, w io.Writer) error {
	return errors.ErrUnsupported
}

// Names lists names only (NLST). The server may take pattern for a glob; "" is
// the current directory.
func (c *Client) Names(ctx context.Context, pattern string) ([]string, error) {
	return nil, errors.ErrUnsupported
}

// Status is STAT: of the server, or with a path a listing on the control
// connection.
func (c *Client) Status(ctx context.Context, path string) (proto.Reply, error) {
	return proto.Reply{}, errors.ErrUnsupported
}

// HelpRemote is the server's HELP, of everything or of one command.
func (c *Client) HelpRemote(ctx context.Context, arg string) (proto.Reply, error) {
	return proto.Reply{}, errors.ErrUnsupported
}

// Site sends SITE.
func (c *Client) Site(ctx context.Context, arg string) (proto.Reply, error) {
	return proto.Reply{}, errors.ErrUnsupported
}

// Noop does nothing, and shows that the server is there.
func (c *Client) Noop(ctx context.Context) error { return errors.ErrUnsupported }

// Sum is a checksum that the server computed.
type Sum struct {
	Algo HashAlgo
	Hex  string // lower case
}

// HashAlgo is the name of a hash as HASH has it.
type HashAlgo string

const (
	CRC32  HashAlgo = "CRC32"
	MD5    HashAlgo = "MD5"
	SHA1   HashAlgo = "SHA-1"
	SHA256 HashAlgo = "SHA-256"
	SHA512 HashAlgo = "SHA-512"
)

// HashAlgos are those that FEAT promises, the strongest first.
func (c *Client) HashAlgos() []HashAlgo { return nil }

// Hash asks for the checksum of a file, or of length bytes from offset; length
// 0 means all of it. errors.ErrUnsupported when the server can't.
func (c *Client) Hash(ctx context.Context, path string, algo HashAlgo, offset, length int64) (Sum, error) {
	return Sum{}, errors.ErrUnsupported
}
