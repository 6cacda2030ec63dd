// Package metrics counts a server's events for Prometheus.
//
//	metrics.go   Metrics: what is counted, and the page that shows it
//	text.go      the text format
//
// Names and units follow https://prometheus.io/docs/practices/naming/; the
// linter of Prometheus' own library holds them to it in a test. That library
// itself would make the program larger by an eighth (2.5 MB), for a format of
// three kinds of lines. No label comes from a stranger: users, paths and
// addresses would make as many series as they like.
package metrics
