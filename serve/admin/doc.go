// Package admin is how an administrator sees and steers a running server: an
// HTTP interface on a Unix socket, `ferry ctl` that speaks it, and a page.
//
//	admin.go    Admin, Config; Server is what it asks of a server
//	routes.go   the interface: one row a route; Describe prints them
//	acts.go     what the rows that change something do
//	who.go      ID, user or address: whom an act is about
//	hub.go      the events of late, and those who listen
//	history.go  throughput of the last hour
//	stream.go   events and sessions as they come
//	listen.go   the socket, its name, and who may use it; cred_*.go asks the
//	            system who that is; find.go: the sockets of running servers
//	client.go   the other end; ctl.go: `ferry ctl`, one row a verb; verbs_*.go
//	            their functions; show.go: tables; follow.go:
//	            log -f; top.go; prompt.go, words.go and interrupt.go: ctl alone
//	web.go      the page, for whoever has the token; page/ is what it is made of
//	login.go    the token, and the cookies that stand for it
//	crowd.go    how many may come at once
//	limits.go   every bound, with its reason
//
// # The interface
//
// HTTP/1.1, JSON in both directions, on a socket that the server's own user and
// root alone can open:
//
//	curl --unix-socket ~/.local/state/ferry/ctl/2121.sock http://ferry/v1/sessions
//	curl --unix-socket … -d '{"who":"ann"}' http://ferry/v1/kick
//
// GET / lists the routes. An error has a status of 400 or above and is
// {"error": …}. Names and paths come as strangers chose them: JSON quotes them,
// and ctl shows nothing that a terminal would obey.
package admin
