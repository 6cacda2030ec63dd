// Package bench measures the server beside what it stands on, in one run:
//
//	go test ./serve/bench -bench Logins -benchtime 400x -run '^$'
//
// logins_test.go: what a login over TLS 1.3 costs, beside a bare accept loop of
// crypto/tls that only shakes hands. Eight clients at a time. Reported:
//
//	bare-ms, ferry-ms   wall-clock time of a login, all in all
//	x-bare              their ratio
//	bare-cpu-ms         CPU time of the server's process for one visit
//	ferry-cpu-ms
//
// The servers run in processes of their own (this test's binary, started
// again), so that the clients' work is not counted.
package bench
