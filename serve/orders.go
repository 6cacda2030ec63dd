package serve

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"ferry/serve/admin"
	"ferry/serve/live"
)

// orders are what the administrator has said that outlasts the process it was
// said to.
type orders struct {
	Bans   []live.Ban   `json:"bans,omitempty"`
	Limits []live.Limit `json:"limits,omitempty"`
	Drain  *rest        `json:"drain,omitempty"`
	Logins admin.Ended  `json:"logins,omitzero"` // of the page
}

// rest is that nobody is let in. It ends with the run that it was said to: who
// starts a server anew wants it to serve.
type rest struct {
	Run   string    `json:"run"`
	Text  string    `json:"text"`
	Until time.Time `json:"until,omitzero"` // when what is left is cut; zero: never
}

// orders are those in force.
func (srv *Server) orders() (o orders) {
	for _, b := range srv.guard.bans() {
		if b.By == byAdministrator {
			o.Bans = append(o.Bans, b)
		}
	}
	o.Limits, o.Drain = srv.steered.list(), srv.steered.drained()
	return o
}

// obey puts orders in force, in place of those that are.
func (srv *Server) obey(o orders) {
	for _, b := range srv.guard.shutOutOnly(o.Bans) {
		srv.endBanned(b)
	}
	for _, l := range srv.steered.setAll(o.Limits) {
		srv.limited(l)
	}
	now := srv.steered.drained()
	switch {
	case o.Drain == nil && now != nil:
		srv.letIn()
	case o.Drain != nil && (now == nil || o.Drain.Text != now.Text || !o.Drain.Until.Equal(now.Until)):
		srv.rests(*o.Drain)
	}
}

// setAll puts limits in place of all others, and names whose may have changed.
func (st *steered) setAll(all []live.Limit) (changed []string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	changed = slices.Collect(maps.Keys(st.limits))
	st.limits = map[string]live.Limit{}
	for _, l := range all {
		st.limits[l.User] = l
		changed = append(changed, l.User)
	}
	return changed
}

func (st *steered) drained() *rest {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.rest
}

func (st *steered) drain(r *rest) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.rest = r
}

// said tells whoever keeps orders that there are others.
func (st *steered) said() {
	if st.changed != nil {
		st.changed()
	}
}

// shutOutOnly puts bans in place of all of the administrator's, and returns those
// that are new.
func (g *guard) shutOutOnly(all []live.Ban) (fresh []live.Ban) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.shut
	g.shut = map[shutOut]time.Time{}
	for _, b := range all[:min(len(all), maxShutOut)] {
		if !b.Address.IsValid() && b.User == "" {
			continue // that would be everybody
		}
		who := shutOut{b.Address.Masked(), b.User}
		g.shut[who] = b.Until
		if _, ok := before[who]; !ok {
			fresh = append(fresh, b)
		}
	}
	return fresh
}

// readOrders reads what a book holds: nothing, or one value.
func readOrders(text []byte) (o orders, err error) {
	if len(text) == 0 {
		return o, nil
	}
	err = json.Unmarshal(text, &o)
	return o, err
}
