//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ferry/serve/bench/link"
)

// way is which way the bytes go.
type way string

const (
	down way = "down"
	up   way = "up"
	look way = "look" // nothing moves
)

// scenario is one row of the issue: what moves between whom over which link.
type scenario struct {
	name    string
	about   string
	over    link.Conditions // the zero value: loopback
	servers []string
	way     way
	tree    bool  // a tree of files, else one file
	files   int   // of a tree
	size    int64 // of each file
	clients []client
}

const (
	mib     = int64(1) << 20
	half    = 25 * time.Millisecond // of the round trip
	gigabit = 1e9
	waiting = 8_000_000 // bytes that the link's bottleneck holds
)

func scenarios(files int) []scenario {
	slow := link.Conditions{Delay: half, Rate: gigabit, Queue: waiting}
	lossy := slow
	lossy.Loss = 0.005
	foreign := []string{"vsftpd", "proftpd"}
	all := []string{"vsftpd", "proftpd", "pure-ftpd", "pyftpdlib", "ferry"}
	treeDown := []client{
		ferry("ferry", "get", "-r"), ferry("ferry, 8 sessions", "get", "-r", "--set", "parallel=8"),
		lftp("lftp mirror -P8", "mirror -P8 %R %L"), rclone("rclone --transfers 8", false), curlParallel("curl --parallel 8", false),
	}
	treeUp := []client{
		ferry("ferry", "put", "-r"), ferry("ferry, 8 sessions", "put", "-r", "--set", "parallel=8"),
		lftp("lftp mirror -R -P8", "mirror -R -P8 %L %R"), rclone("rclone --transfers 8", true), curlParallel("curl --parallel 8", true),
	}
	oneDown := []client{
		ferry("ferry", "get"), lftp("lftp pget -n 8", "pget -n 8 %R -o %L"), single("wget", "wget", "-q", "-O", "%L", "%R"),
		single("curl", "curl", "-sS", "-o", "%L", "%R"),
		single("aria2c -x8", "aria2c", "-q", "-x8", "-s8", "-k1M", "--file-allocation=none", "-d", "%D", "-o", "%N", "%R"),
	}
	oneUp := []client{
		ferry("ferry", "put"), lftp("lftp put", "put %L -o %R"), single("curl", "curl", "-sS", "-T", "%L", "%R"),
		single("ncftpput", "ncftpput", "-V", "-C", "-u", "%U", "-p", "%W", "-P", "%P", "%H", "%L", "%r"),
	}
	segmentsUp := []client{
		ferry("ferry, one stream", "put", "--set", "segments=1"), ferry("ferry, 4 segments", "put", "--set", "segments=4"),
		ferry("ferry, segments auto", "put", "--set", "segments=auto"),
		ferry("ferry, one stream, cubic", "put", "--set", "congestion=cubic", "--set", "segments=1"),
		ferry("ferry, 4 segments, cubic", "put", "--set", "congestion=cubic", "--set", "segments=4"),
	}
	summed := []string{"proftpd digest", "ferry"}
	sums := func(verb string, flags ...string) (all []client) {
		for _, how := range []string{"auto", "size"} {
			all = append(all, ferry("ferry, verify "+how, verb, append(flags, "--set", "channel=off", "--set", "verify="+how)...))
		}
		return all
	}
	return []scenario{
		{"small-down", fmt.Sprintf("%d × 4 KiB down, 50 ms", files), slow, foreign, down, true, files, 4096, treeDown},
		{"small-up", fmt.Sprintf("%d × 4 KiB up, 50 ms", files), slow, foreign, up, true, files, 4096, treeUp},
		{"session-down", "200 × 4 KiB down, one session, 50 ms", slow, []string{"vsftpd", "proftpd", "ferry"}, down, true, 200, 4096,
			[]client{ferry("ferry", "get", "-r", "--set", "parallel=1"), ferry("ferry, MODE S", "get", "-r", "--set", "parallel=1", "--set", "channel=off")}},
		{"session-up", "200 × 4 KiB up, one session, 50 ms", slow, []string{"vsftpd", "proftpd", "ferry"}, up, true, 200, 4096,
			[]client{ferry("ferry", "put", "-r", "--set", "parallel=1"), ferry("ferry, MODE S", "put", "-r", "--set", "parallel=1", "--set", "channel=off")}},
		{"ferry-down", fmt.Sprintf("%d × 4 KiB down from ferry, 50 ms", files), slow, []string{"ferry"}, down, true, files, 4096, treeDown},
		{"ferry-up", fmt.Sprintf("%d × 4 KiB up to ferry, 50 ms", files), slow, []string{"ferry"}, up, true, files, 4096, treeUp},
		{"ferry-one-down", "the same bytes in one file, down", slow, []string{"ferry"}, down, false, 1, int64(files) * 4096, []client{ferry("ferry", "get")}},
		{"ferry-one-up", "the same bytes in one file, up", slow, []string{"ferry"}, up, false, 1, int64(files) * 4096, []client{ferry("ferry", "put")}},
		{"big-down", "256 MiB down, 50 ms, 1 Gbit/s", slow, []string{"vsftpd"}, down, false, 1, 256 * mib, oneDown},
		{"loss-down", "16 MiB down, 50 ms, 0.5 % loss", lossy, []string{"vsftpd"}, down, false, 1, 16 * mib, oneDown},
		{"bbr-up", "16 MiB up, 50 ms, 0.5 % loss", lossy, []string{"vsftpd"}, up, false, 1, 16 * mib,
			append([]client{ferry("ferry, cubic", "put", "--set", "congestion=cubic")}, oneUp...)},
		{"bbr-down", "16 MiB down from ferry, one stream, 50 ms, 0.5 % loss", lossy, []string{"ferry", "ferry cubic"}, down, false, 1, 16 * mib,
			[]client{single("curl", "curl", "-sS", "-o", "%L", "%R")}},
		{"segments-up", "256 MiB up to ferry, 50 ms, 1 Gbit/s", slow, []string{"ferry"}, up, false, 1, 256 * mib, segmentsUp},
		{"segments-loss-up", "64 MiB up to ferry, 50 ms, 0.5 % loss", lossy, []string{"ferry"}, up, false, 1, 64 * mib, segmentsUp},
		{"scan", "a tree of 60 directories, looked at only, 50 ms", slow, all, look, true, 60, 100, []client{
			ferry("ferry", "mirror", "--dry-run", "--parallel", "1"), ferry("ferry, empty directory", "mirror", "--dry-run", "--parallel", "1")}},
		{"loop-down", "1 GiB down, loopback", link.Conditions{}, []string{"vsftpd"}, down, false, 1, 1024 * mib, append(oneDown,
			single("tnftp", "tnftp", "-V", "-o", "%L", "%R"), single("ncftpget", "ncftpget", "-V", "-u", "%U", "-p", "%W", "-P", "%P", "%H", "%D", "%r"), largeFloor(down))},
		{"loop-up", "1 GiB up, loopback", link.Conditions{}, []string{"vsftpd"}, up, false, 1, 1024 * mib, append(oneUp, largeFloor(up))},
		{"series-up", "5,000 × 1 KiB up by lines of their own, loopback", link.Conditions{}, []string{"ferry", "vsftpd"}, up, true, 5000, 1024, series(true)},
		{"series-down", "5,000 × 1 KiB down by lines of their own, loopback", link.Conditions{}, []string{"ferry", "vsftpd"}, down, true, 5000, 1024, series(false)},
		{"sums-down", "300 × 4 KiB down, every one compared, 50 ms", slow, summed, down, true, 300, 4096, sums("get", "-r", "--set", "parallel=8")},
		{"sums-up", "300 × 4 KiB up, every one compared, 50 ms", slow, summed, up, true, 300, 4096, sums("put", "-r", "--set", "parallel=8")},
		{"loop-sums-down", "1,000 × 4 KiB down, every one compared, loopback", link.Conditions{}, summed, down, true, 1000, 4096, sums("get", "-r")},
		{"loop-sums-up", "1,000 × 4 KiB up, every one compared, loopback", link.Conditions{}, summed, up, true, 1000, 4096, sums("put", "-r")},
		{"loop-sum-down", "1 GiB down, compared, loopback", link.Conditions{}, summed, down, false, 1, 1024 * mib, sums("get")},
		{"loop-sum-up", "1 GiB up, compared, loopback", link.Conditions{}, summed, up, false, 1, 1024 * mib, sums("put")},
		{"loop-small-down", "1,000 × 4 KiB down, loopback", link.Conditions{}, foreign, down, true, 1000, 4096, append(treeDown, floors(down)...)},
		{"loop-small-up", "1,000 × 4 KiB up, loopback", link.Conditions{}, foreign, up, true, 1000, 4096, append(treeUp, floors(up)...)},
	}
}

// each is how many files of a tree lie in one directory: a hundred, but all of
// those that one mput takes.
func (s scenario) each() int {
	if strings.HasPrefix(s.name, "series") {
		return s.files
	}
	return 100
}

// place lays out what a scenario moves and returns its digests.
func (s scenario) place(w *world) (map[string][32]byte, error) {
	at := filepath.Join(w.served(), "data")
	if s.way == up {
		at = filepath.Join(w.source(), "data")
	}
	for _, old := range []string{filepath.Join(w.served(), "data"), w.source()} {
		if err := os.RemoveAll(old); err != nil {
			return nil, err
		}
	}
	var err error
	switch {
	case s.way == look:
		err = makeDirs(at)
		if err == nil {
			err = os.Mkdir(filepath.Join(w.served(), "nothing"), 0o755)
		}
	case s.tree:
		err = makeTree(at, s.files, s.each(), s.size)
	default:
		err = makeFile(filepath.Join(at, "file.dat"), s.size, 7)
	}
	if err != nil {
		return nil, err
	}
	return digests(at)
}
