// Command bench sets ferry's client beside other people's, against real
// servers, over an emulated link and over loopback:
//
//	go run ./script/bulk/bench            every scenario; about half an hour
//	go run ./script/bulk/bench -only small -rounds 3
//	go run ./script/bulk/bench -only loop-small -beside /tmp/ferry.before
//	go run ./script/bulk/bench -list
//	go run ./script/bulk/bench -readme    … and the table of README at the end
//
// It needs Linux and root: it makes two network namespaces, joins them by a
// link with delay, rate and loss, and starts the servers in one and the
// clients in the other. Nothing of it is left behind. Programs that are not
// installed are left out, and the table says so.
//
// All clients of a scenario take turns within each round, and only ratios
// within one run mean anything. What arrived is compared with what was sent by
// SHA-256 after every run; a client that failed, or whose bytes are wrong, has
// no figure.
//
//	main.go      flags, rounds, the tables
//	world.go     namespaces, directories, programs
//	servers.go   starting a server there
//	clients.go   what each client is told
//	floor.go     the least that a client can do; floor_large.go: for one file; floor_socket.go: its sockets
//	series.go    scripts of many lines and of few
//	scenario.go  what is measured
//	tree.go      what is moved, and whether it arrived
//	measure.go   one run, and its figures
//	summary.go   README's table
package main
