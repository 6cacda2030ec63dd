package examples

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"ferry/serve/live"
	"ferry/serve/metrics"
)

// measured is every series that a server can show, and the labels of each.
func measured(t *testing.T) map[string][]string {
	t.Helper()
	m := metrics.New(func() live.Stats { return live.Stats{} })
	for _, k := range live.Kinds() {
		m.Observe(live.Event{Kind: k, Outcome: live.Done})
	}
	m.Observe(live.Event{Kind: live.Upload, Outcome: live.Broken, Code: 426})
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for name, f := range families {
		labels := []string{"job", "instance"} // Prometheus' own
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		all[name] = labels
		if f.GetMetric()[0].GetHistogram() != nil {
			all[name+"_bucket"] = append(slices.Clone(labels), "le")
			delete(all, name)
		}
	}
	return all
}

// Every panel of the dashboard asks for series and labels that there are, none
// is left out, and no panel lies over another.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("grafana/ferry.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Title, UID string
		Panels     []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr, LegendFormat string }
		}
		Templating struct {
			List []struct{ Name, Definition string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	if board.Title == "" || board.UID == "" || len(board.Panels) == 0 {
		t.Fatalf("the dashboard is %+v", board)
	}
	known, shown := measured(t), map[string]bool{}
	name := regexp.MustCompile(`\b(ferry|go)_[a-z_]+`)
	grouped := regexp.MustCompile(`\bby \(([a-z, ]+)\)`)
	legend := regexp.MustCompile(`\{\{([a-z]+)\}\}`)
	places, ids := map[[2]int]string{}, map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || len(p.Targets) == 0 {
			t.Errorf("%s has no id of its own, or asks for nothing", p.Title)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := places[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies over %q or beside the page", p.Title, other)
				}
				places[[2]int{x, y}] = p.Title
			}
		}
		for _, target := range p.Targets {
			names := name.FindAllString(target.Expr, -1)
			if len(names) != 1 || known[names[0]] == nil {
				t.Errorf("%s asks for %q, and the metrics are not there", p.Title, target.Expr)
				continue
			}
			shown[names[0]] = true
			var by []string
			if m := grouped.FindStringSubmatch(target.Expr); m != nil {
				by = strings.Split(m[1], ", ")
			}
			for _, label := range by {
				if !slices.Contains(known[names[0]], label) {
					t.Errorf("%s groups %s by %s, which it does not have", p.Title, names[0], label)
				}
			}
			for _, m := range legend.FindAllStringSubmatch(target.LegendFormat, -1) {
				if !slices.Contains(by, m[1]) {
					t.Errorf("%s names its lines by %s, which is gone from the sum", p.Title, m[1])
				}
			}
		}
	}
	for n := range known {
		if !shown[n] {
			t.Errorf("%s is on no panel", n)
		}
	}
	for _, v := range board.Templating.List {
		for _, n := range name.FindAllString(v.Definition, -1) {
			if known[n] == nil {
				t.Errorf("the variable %s asks for %s", v.Name, n)
			}
		}
	}
}
