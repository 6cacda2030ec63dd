package metrics

import (
	"bufio"
	"net/http"
	"runtime"
	"strconv"
	"sync"

	"ferry/serve/live"
)

// Metrics counts what it is told.
type Metrics struct {
	stats func() live.Stats

	mu                                                    sync.Mutex
	connections, logins, transfers, changes, errors, bans *family
	durations                                             *histogram
}

// New counts from zero. stats is asked each time that somebody looks.
func New(stats func() live.Stats) *Metrics {
	return &Metrics{
		stats:       stats,
		connections: newFamily("ferry_connections_total", "Control connections, by whether they were let in.", "result"),
		logins:      newFamily("ferry_logins_total", "Attempts to log in, by result.", "result"),
		transfers:   newFamily("ferry_transfers_total", "Transfers that have ended, by direction and how they ended.", "direction", "result"),
		changes:     newFamily("ferry_changes_total", "Deletions, renames, copies and directories made or removed, by result.", "kind", "result"),
		errors:      newFamily("ferry_errors_total", "Logins, transfers and changes that were refused or failed, by reply code.", "code"),
		bans:        newFamily("ferry_bans_total", "Bans that were imposed."),
		durations: &histogram{
			name: "ferry_transfer_duration_seconds", help: "How long transfers took that were done.", label: "direction",
			bounds: []float64{0.01, 0.1, 1, 10, 60, 600, 3600}, series: map[string]*spread{},
		},
	}
}

// Observe counts an event.
func (m *Metrics) Observe(e live.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch e.Kind {
	case live.Connected:
		m.connections.add("accepted")
	case live.Refused:
		m.connections.add("refused")
	case live.LoggedIn, live.LoginFailed:
		m.logins.add(string(e.Outcome))
	case live.Upload, live.Download, live.Listing:
		m.transfers.add(string(e.Kind), string(e.Outcome))
		if e.OK() {
			m.durations.observe(string(e.Kind), e.Took.Seconds())
		}
	case live.Delete, live.Rename, live.Copy, live.Mkdir, live.Rmdir:
		m.changes.add(string(e.Kind), string(e.Outcome))
	case live.Banned:
		m.bans.add()
	}
	if e.Code >= 400 {
		m.errors.add(strconv.Itoa(e.Code))
	}
}

// ServeHTTP shows the counts.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s := m.stats()
	m.mu.Lock()
	defer m.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	b := bufio.NewWriter(w)
	for _, f := range []*family{m.connections, m.logins, m.transfers, m.changes, m.errors, m.bans} {
		f.write(b)
	}
	m.durations.write(b)
	for _, r := range state(s) {
		head(b, r.name, r.kind, r.help)
		sample(b, r.name, "", r.value)
	}
	_ = b.Flush()
}

// row is one value of how the server is at the moment.
type row struct {
	kind, name, help string
	value            float64
}

func state(s live.Stats) []row {
	draining := 0.0
	if s.Draining {
		draining = 1
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return []row{
		{"gauge", "ferry_sessions", "Sessions that are connected.", float64(s.Sessions)},
		{"gauge", "ferry_users", "Different users who are logged in.", float64(s.Users)},
		{"gauge", "ferry_transfers_running", "Transfers under way.", float64(s.Transfers)},
		{"counter", "ferry_received_bytes_total", "Bytes of files received.", float64(s.In)},
		{"counter", "ferry_sent_bytes_total", "Bytes of files sent.", float64(s.Out)},
		{"gauge", "ferry_banned", "Addresses and users that are banned.", float64(s.Bans)},
		{"gauge", "ferry_passive_ports", "Passive ports in use.", float64(s.PassivePorts)},
		{"counter", "ferry_strangers_total", "Connections to passive ports that nobody waited for.", float64(s.Strangers)},
		{"gauge", "ferry_draining", "1 while nobody is let in.", draining},
		{"gauge", "ferry_start_time_seconds", "When the server began, in seconds since 1970.", float64(s.Since.UnixMilli()) / 1000},
		{"gauge", "go_goroutines", "Goroutines that exist.", float64(runtime.NumGoroutine())},
		{"gauge", "go_memory_bytes", "Memory that Go has from the system.", float64(mem.Sys)},
	}
}
