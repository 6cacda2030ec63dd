package metrics

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"ferry/serve/live"
)

func told() *Metrics {
	m := New(func() live.Stats { return live.Stats{Sessions: 3, Out: 7, PassivePorts: 2, Draining: true} })
	for _, k := range live.Kinds() {
		m.Observe(live.Event{Kind: k, Outcome: live.Done, Code: 226, Took: time.Second})
	}
	m.Observe(live.Event{Kind: live.Upload, Outcome: live.Broken, Code: 426, Path: "/secret", User: "ann"})
	m.Observe(live.Event{Kind: live.LoginFailed, Outcome: live.Denied, Code: 530})
	return m
}

// The linter of Prometheus' library reads the text and finds nothing wrong.
func TestLinterFindsNothing(t *testing.T) {
	w := httptest.NewRecorder()
	told().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	problems, err := promlint.New(w.Body).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	w = httptest.NewRecorder()
	told().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	h := families["ferry_transfer_duration_seconds"].GetMetric()[0].GetHistogram()
	if h.GetSampleCount() != 1 || h.GetSampleSum() != 1 || h.GetBucket()[1].GetCumulativeCount() != 0 || h.GetBucket()[2].GetCumulativeCount() != 1 {
		t.Errorf("the histogram is %v", h)
	}
}

func TestCounts(t *testing.T) {
	w := httptest.NewRecorder()
	told().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text := w.Body.String()
	for _, want := range []string{
		`ferry_sessions 3`, `ferry_sent_bytes_total 7`, `ferry_passive_ports 2`, `ferry_draining 1`, `ferry_bans_total 1`,
		`ferry_connections_total{result="accepted"} 1`, `ferry_connections_total{result="refused"} 1`,
		`ferry_logins_total{result="done"} 2`, `ferry_logins_total{result="refused"} 1`,
		`ferry_transfers_total{direction="upload",result="broken"} 1`, `ferry_transfers_total{direction="download",result="done"} 1`,
		`ferry_transfer_duration_seconds_count{direction="upload"} 1`, `ferry_changes_total{kind="rename",result="done"} 1`,
		`ferry_errors_total{code="426"} 1`, `ferry_errors_total{code="530"} 1`, `go_goroutines`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, secret := range []string{`"ann"`, "/secret"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is told", secret)
		}
	}
}
