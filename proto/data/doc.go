// Package data is what flows over a data connection, for both ends.
//
//	sender    file ─▶ Type ─▶ Structure ─▶ Mode ─▶ Conn (TLS or not)
//	receiver  file ◀─ Type ◀─ Structure ◀─ Mode ◀─ Conn
//	          bytes   A E I L  F R P    ▲   S B C Z
//	                                    └ record ends, the file's end and
//	                                      restart markers cross only here
//
// Send and Receive move whole files, Writer and Reader what is made or used
// piece by piece. A layer that isn't needed is not there: in TYPE I, STRU F,
// MODE S the kernel moves the bytes between file and connection.
//
//	copy.go     Send, Receive          plain.go    bytes as they are; the kernel
//	once*.go    SendAtOnce, ReceiveAtOnce: small files, without waiting
//	writer.go   Writer                 reader.go   Reader
//	pipe.go     which layers there are; the only file that names them all
//	frame.go    the seams between them
//	ascii.go ebcdic.go                 TYPE A, E (I and L 8 need nothing)
//	file.go record.go rdw.go page*.go  STRU F, R (text), R (binary), P
//	stream.go block.go compress.go deflate.go   MODE S, B, C, Z
//	framed.go   what reading B and C have in common
//	keep.go     many files over one connection, each with its sum; once_kept.go
//	marker.go   restart markers        size.go     SIZE under any parameters
//	place.go hole*.go                  files that are written and read at any place
//	wire.go     context and Stall clock over a connection
//	conn.go input.go outbox.go buffer.go        the connection and its buffers
//	options.go limits.go errors.go
//
// # What the file looks like here
//
// Text (TYPE A and E) is lines that end in LF, on every platform.
//
// TYPE A sends LF as CR LF. A CR LF in the file is a line end already and is
// not made CR CR LF: text made on Windows would get an empty line after each
// line (vsftpd and ProFTPD do the same). The receiver makes LF of CR LF only:
// a lone CR, a lone LF and CR NUL stay as they are. So a file comes back as it
// was, but for a CR before an LF, which is lost. Bytes above 127 pass as they
// are.
//
// TYPE E takes the file's bytes as ISO 8859-1, one byte a character, so that
// all of them have a place in the code page and come back; UTF-8 beyond ASCII
// is not read as such. LF is sent as NL, and NEL (0x85) as EBCDIC's LF.
//
// Forms N, T and C are kept alike: we store files and don't print them, and
// what was stored under a form must come back the same under it (RFC 959
// §3.1.1.5, §3.1.2; RFC 1123 §4.1.2.2). In T the format effectors CR, LF, NL,
// VT and FF that are not a line end are data; in C the first character of each
// line is its ASA carriage control, as asa(1) reads it, and stays there. In
// EBCDIC T and C the receiver takes CR LF for a line end as well as NL.
//
// STRU R in text types is one record a line; a last line without its LF gets
// one on the other side. In TYPE I and L the file holds record descriptor
// words (Options.Records), else it is refused.
//
// STRU P: page i lies at i × Pages.Size. Holes are not sent, where the system
// tells where they are. The receiver puts pages where they belong, in any
// order, if the file can be written at a position, else zeros fill the holes.
// The fields of a page header are one logical byte each (RFC 959 §3.1.2.3);
// at 8 bits, a file can have 256 pages of 255 bytes and no more. Descriptor
// pages go to and come from Options.Pages; the control byte of an access
// controlled page has no place in our files and is dropped.
//
// # The end of a file
//
// In MODE B and C, in STRU R and in STRU P the end is in the data, in MODE Z
// it is the end of the deflate stream: a file that breaks off before is
// io.ErrUnexpectedEOF. Only in MODE S with file structure is the close of the
// connection the end, whatever its reason, and sizes must be compared. MODE B
// and C carry any number of files over one connection.
//
// # Files on a connection that stays
//
// With Keep, which is for MODE B, TYPE I and STRU F, each file is blocks of
// RFC 959 §3.4.2 (descriptor, two bytes of length, data), and ends so:
//
//	16 n sha-256=HEX;FACT=VALUE;…   a marker block, its text printable, no blanks
//	64 n …                          the last block, with data or without
//
// HEX is the SHA-256 of the file's bytes in small letters, 64 digits; it comes
// first. One fact is known, modify=YYYYMMDDhhmmss (UTC); others are passed by.
// The sum of the last marker counts; a file without one, or with another, has
// not arrived (ErrSum). A sender that can't go on says instead of both
//
//	96 1 ?                          suspect, and the last
//
// and the receiver drops what it has (ErrSuspect). In all these cases the next
// byte is the next file's first. Behind anything else (an end within a file, a
// marker that is none) nobody knows where that is, and the connection must be
// closed (Keep.InStep).
package data
