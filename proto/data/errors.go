package data

import "errors"

// ErrStalled reports that no byte moved for Options.Stall.
var ErrStalled = errors.New("data connection stalled")

// ErrTooLarge reports more file bytes than Options.Max. Max bytes were
// delivered.
var ErrTooLarge = errors.New("file larger than allowed")

// ErrSuspect reports that the sender called parts of the file suspect and
// nobody listened with Options.OnSuspect. All bytes were delivered.
var ErrSuspect = errors.New("sender suspects errors in the data")

// ErrRecord reports a file that can't be cut into records, or a record that
// can't be stored: descriptor words that make no sense, or more than 65,531
// bytes in one.
var ErrRecord = errors.New("record structure does not fit the file")

// ErrPages reports a file that doesn't fit the page structure: with logical
// bytes of 8 bits it has at most 256 pages (RFC 959 §3.1.2.3).
var ErrPages = errors.New("file too large for page structure")

// FileError is a failure at the file's end of a transfer: the source of Send
// couldn't be read, or the destination of Receive not written. All other
// errors are the connection's or the peer's.
type FileError struct {
	Err error
}

func (e *FileError) Error() string { return e.Err.Error() }
func (e *FileError) Unwrap() error { return e.Err }
