// Package data is what flows over a data connection, for both ends.
//
//	sender    file ─▶ Type ─▶ Structure ─▶ Mode ─▶ Conn
//	receiver  file ◀─ Type ◀─ Structure ◀─ Mode ◀─ Conn
//	                                     ▲
//	                                     └ record ends, the file's end and
//	                                       restart markers cross only here
package data
