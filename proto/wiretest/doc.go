// Package wiretest plays written-down dialogues against a client or a server.
// It is for tests only. One file serves both ends: a server's test sends the
// C lines and expects the S lines, a client's test the other way round, and
// what proto.TraceTo writes is such a file.
//
//	# one line a step; empty lines and those that begin with # are passed over
//	S: 220 *
//	C: USER anna
//	S: 331 *
//	C: PASS ****
//	S: 230-Welcome
//	S:  to the test
//	S: 230 *
//	C: EPSV
//	S: 229 Entering Extended Passive Mode (|||${port}|)
//	C: RETR a.txt
//	S: 150 *
//	DS: hello\r\n
//	S: 226 *
//
// # Steps
//
//	C: text    a line of the control connection from the client
//	S: text    the same from the server
//	C+ text    as C:, but sent in one write with the step that follows; S+ too
//	C> text    bytes and no line end: half a line, a Telnet Synch; S> too
//	C.         the client closes the control connection; S. the server
//	C!         the client resets it; S! the server
//	C?         the client closes it, and may not have read all: that is a reset; S? too
//	DS: text   the server's last bytes on the data connection, then its end
//	DS+ text   bytes on the data connection, and it stays open; DC+ too
//	DC: text   the client's last bytes, then the end
//	DS! text   bytes, then a reset instead of the end; DC! too
//	~ 5s       whoever sends waits, in virtual time within a synctest bubble
//	@ name     calls the function of that name in Player.Hooks (TLS, a look at the disk)
//
// # Text
//
// \r \n \t \\ and \xHH mean one byte, and \* is an asterisk. A line's end is
// added and must be CR LF. IAC is doubled and undoubled. In a line that is
// expected, * stands for any text; in one that is sent, for itself.
//
// ${name} is replaced by the variable in a line that is sent. In one that is
// expected it takes the text that stands there, or, once it has a value, must
// be equal to it.
//
// # Data connections
//
// Who sends ${port}, ${hostport} (h1,h2,h3,h4,p1,p2) or ${eprt} (|1|addr|port|)
// listens, on the address of the control connection; who receives one dials the control
// peer. So passive and active connections need no more than that; a D step
// uses the connection that was announced last. A refused transfer has none.
//
// Veil puts TLS over all of it.
package wiretest
