// Package certs is what a server shows of itself in TLS handshakes.
//
//	certs.go   Set: the certificates in force, one of them for each name
//	files.go   from PEM files, read again when they change
//	own.go     self-made, kept in a directory, or in memory
//	print.go   fingerprints, as people compare them
//
// A self-made certificate is as good as a bought one to whoever has its
// fingerprint: it is printed at the start and stays the same, because the key
// is kept. Clients that have no fingerprint can't tell the server from
// somebody in between.
package certs
