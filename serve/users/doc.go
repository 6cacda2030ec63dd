// Package users says who may use a server, and what for. It knows names,
// passwords and permissions; what is there to be used is package store.
//
//	users.go   Record, Directory: the contract
//	perm.go    Perm: what a user may do
//	hash.go    Hasher: argon2id, two at once, the good ones remembered
//	file.go    File: a Directory in a JSON file, reread when it changes
//	parse.go   the file's reader: every error has a line and a column
//	parse_rules.go  its fields about where, from where, how and how much
//	rules.go   what these fields mean
//	size.go    numbers of bytes
//	edit.go    changes to the file: locked, atomic
//	format.go  the file's writer
//	outside.go Outside: a program or an HTTP server that is asked
//	few.go     Single, Anonymous, Any, Join
//	limits.go  every bound, with its reason
//
// # The users file
//
//	{
//	  "users": [
//	    {
//	      "name": "ann",
//	      "password": "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$…",
//	      "account": "billing",
//	      "root": "/srv/ftp/ann",
//	      "home": "/inbox",
//	      "permissions": "list read write mkdir",
//	      "disabled": false
//	    }
//	  ]
//	}
//
// name, password and permissions must be there, the others may be left out.
//
//	name         1 to 255 bytes, no control characters; case counts
//	password     an argon2id hash in the usual form, as `ferry users` makes it
//	account      what ACCT must say after the password; none is wanted without it
//	root         the directory of the host that the user sees as "/"; a
//	             relative one is below the server's own; that itself without it
//	home         where a session starts, below root; "/" without it
//	permissions  words with blanks or commas between: list, read, write,
//	             overwrite, append, delete, rename, mkdir, chmod, site;
//	             or all, none, read-only
//	directories  {"/inbox": "write", "/private": "none"}: permissions from
//	             there down, instead of those above
//	addresses    ["192.0.2.0/24"]: where the user may come from
//	tls          "required": control and data connections must be encrypted;
//	             "bound": and data connections resume the TLS session
//	limits       sessions at once; up and down, bytes a second; bytes and files
//	             below root; largest, bytes of one file. {"bytes": "10G"}:
//	             numbers, or with K, M, G or T, which are powers of 1024
//	expires      "2027-01-31", the last day (UTC); or 2027-01-31T18:00:00Z
//	disabled     true: the user may not log in
//
// Nothing is accepted that is not obeyed: an unknown field is an error.
//
// The file is looked at at each login and lookup, and read again when it has
// changed. One that can't be read then changes nothing: the last good one
// stays in force, and Options.Report is told. Beside it lies a file named
// .lock, by which writers wait for one another; it is empty and stays.
package users
