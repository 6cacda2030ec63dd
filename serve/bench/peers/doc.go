// Package peers starts the servers of other projects, and ferry's own, with
// like settings, so that benchmarks can set them side by side. It is for
// programs that measure; nothing that ferry does needs it. Linux only, and most
// servers want root.
//
//	peers.go   Server, Options; Start
//	tool.go    Build, Chosen: what the benchmarks share
//	recipes.go how each server is told what to do; goftp.go: one that is built
package peers
