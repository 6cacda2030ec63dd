// Package proto is FTP itself, for both ends: what goes over the control
// connection, letter by letter, and nothing else. It imports nothing of ours,
// knows no files, no users and no policy, and does not log.
//
//	code.go     reply codes by meaning
//	command.go  Command: verb and argument, redaction of secrets
//	reply.go    Reply: one or many lines
//	conn*.go    Conn: commands and replies over one control connection
//	line.go     the bounded line reader (Telnet, CR LF, NUL)
//	addr.go     PORT, PASV, EPRT and EPSV addresses
//	quote.go    257 "a""b" quoting
//	print.go    text that does a terminal no harm
//	param.go    TYPE, STRU, MODE and PROT values
//	feat.go     FEAT lines
//	entry.go    Entry: one name in a directory
//	facts.go    the facts of MLST and MLSD
//	timeval.go  the times of MDTM and of facts
//	guard.go    the only bridge from a context to a socket
//	trace.go    every line that passes, shown in the format of transcripts
//	network.go  where connections come from: TCP, or memory (memnet)
//	congestion*.go  how senders answer loss; arrival*.go how packets come
//	secret.go   a string that prints as stars
//	limits.go   every bound, with its reason
//	errors.go   ReplyError, SyntaxError, ParamError
//
// Below it: data (what flows over a data connection), list (listing formats),
// client (the user end), proxy (a network behind SOCKS5 or HTTP CONNECT), memnet
// (a network in memory), wiretest (transcripts
// played against either end, for tests).
//
// # Words
//
// A command is what the user end sends (RETR). A verb is a word of ferry's own
// language (get). A mark is a 1xx reply. A control connection carries commands
// and replies, a data connection carries a file or a listing. A session is
// what lies between a greeting and the close of its control connection. A
// transfer is one use of a data connection.
//
// # Sources
//
// RFC 959 (FTP), 1123 §4.1 (hosts), 2228 and 4217 (TLS), 2389 (FEAT, OPTS),
// 2428 (EPRT, EPSV), 2577 (security), 2640 (UTF-8), 3659 (MLST, SIZE, MDTM,
// REST), 5797 (registry of commands), 7151 (HOST), 854 (Telnet).
package proto
