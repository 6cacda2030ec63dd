// Command bench sets ferry's server beside others, and beside a floor: the
// least that a Go program can do for the same work (net and crypto/tls, no
// checks, but names that can't lead out and uploads that are committed).
//
//	go run ./serve/bench                  every scenario; about half an hour
//	go run ./serve/bench -only small -rounds 5
//	go run ./serve/bench -readme        … and the table of README at the end
//	go run ./serve/bench -curve size    how ferry's cost grows: sessions, entries, size, transfers
//	go run ./serve/bench -list
//	go run ./serve/bench -only down -beside /tmp/ferry.before   … with another ferry's turns between
//
// Linux and root only. One generator drives all servers over loopback: it sends
// commands and throws data away (MSG_TRUNC; over TLS undecrypted), so that the
// servers are what is measured. Before that, each server's bytes are read and
// compared once. Servers take turns within each round; the tables have the
// median, and in brackets the least and the most. CPU is that of all processes
// of a server, by its control group.
//
//	main.go     flags, rounds
//	table.go    what is printed
//	group.go    control groups: CPU and memory of all processes of a server
//	control.go  the generator's control connection; channel.go: its data connections;
//	            socket.go: what both stand on
//	floor.go    the floor; floor_kept.go: over one connection
//	scenario.go what is measured; work.go: the transfers; crowd.go: many sessions;
//	            listing.go: large directories
//	kept.go     many files over one connection; curve.go: how cost grows
//	link/       an emulated line
//	peers/      how the servers are started
//
// What a login costs beside a bare accept loop of crypto/tls, in processes of
// their own and without root (logins_test.go):
//
//	go test ./serve/bench -bench Logins -benchtime 400x -run '^$'
package main
