package admin

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"ferry/serve/live"
)

// clean replaces what a terminal would obey.
//
// SECURITY: names of users and files come from strangers, and the interface
// hands them on as they are: every word of theirs that ctl prints goes by here.
// Bidirectional controls would show another name than the one that is there.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0xfffd,
			r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff:
			return '?'
		}
		return r
	}, s)
}

// short is clean, and cut in its middle to n characters.
func short(s string, n int) string {
	r := []rune(clean(s))
	if len(r) <= n {
		return string(r)
	}
	head := n / 3
	return string(r[:head]) + "…" + string(r[len(r)-(n-head-1):])
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// bytesOf is a size for people.
func bytesOf(n float64) string {
	for _, unit := range []string{"", "K", "M", "G", "T"} {
		if n < 1000 {
			if unit == "" || n >= 100 {
				return fmt.Sprintf("%.0f%s", n, unit)
			}
			return fmt.Sprintf("%.1f%s", n, unit)
		}
		n /= 1024
	}
	return fmt.Sprintf("%.0fP", n)
}

// ago is a time for people, in at most five characters.
func ago(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02d", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd", int(d.Hours())/24)
}

const sessionHead = "ID\tUSER\tFROM\tSINCE\tIDLE\tTLS\tPLACE\tDOING\tIN\tOUT\tRATE\tDONE"

// sessionRow is a session in the columns of sessionHead.
func sessionRow(s live.Session, now time.Time) string {
	doing, rate, done, idle := orDash(s.Command), "-", "-", ago(now.Sub(s.Last))
	place := s.Place
	if t := s.Transfer; t != nil {
		doing, rate, idle, place = t.Verb, bytesOf(t.Rate)+"/s", "-", t.Path
		if p := t.Percent(); p >= 0 {
			done = fmt.Sprintf("%.0f%%", p)
		} else {
			done = bytesOf(float64(t.Bytes))
		}
	}
	if s.Draining {
		doing += " (last)"
	}
	tls := strings.TrimPrefix(s.TLS, "TLS ")
	return fmt.Sprintf("%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", s.ID, short(orDash(s.User), 20), s.Peer.Addr(), ago(now.Sub(s.Since)), idle,
		orDash(tls), short(orDash(place), 40), short(doing, 20), bytesOf(float64(s.In)), bytesOf(float64(s.Out)), rate, done)
}

func table(out io.Writer, head string, rows func(add func(row string))) {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, head)
	rows(func(row string) { fmt.Fprintln(w, row) })
	_ = w.Flush()
}

func showSessions(out io.Writer, all []live.Session, now time.Time) {
	if len(all) == 0 {
		fmt.Fprintln(out, "nobody is connected")
		return
	}
	table(out, sessionHead, func(add func(string)) {
		for _, s := range all {
			add(sessionRow(s, now))
		}
	})
}

func showStats(out io.Writer, a About, s live.Stats, now time.Time) {
	state := "up"
	if s.Draining {
		state = "draining"
	}
	fmt.Fprintf(out, "server     %s (%s), process %d, %s for %s\n", clean(a.Name), clean(a.Dir), a.PID, state, ago(now.Sub(s.Since)))
	fmt.Fprintf(out, "sessions   %d, of %d users\n", s.Sessions, s.Users)
	fmt.Fprintf(out, "transfers  %d under way\n", s.Transfers)
	fmt.Fprintf(out, "received   %s\nsent       %s\n", bytesOf(float64(s.In)), bytesOf(float64(s.Out)))
	fmt.Fprintf(out, "bans       %d\npassive    %d ports, %d strangers\n", s.Bans, s.PassivePorts, s.Strangers)
}

func showBans(out io.Writer, all []live.Ban, now time.Time) {
	if len(all) == 0 {
		fmt.Fprintln(out, "nobody is banned")
		return
	}
	table(out, "FROM\tUSER\tFOR\tBY\tFAILURES", func(add func(string)) {
		for _, b := range all {
			from, left := "everywhere", "good"
			if b.Address.IsValid() {
				if from = b.Address.String(); b.Address.IsSingleIP() {
					from = b.Address.Addr().String()
				}
			}
			if !b.Until.IsZero() {
				left = ago(b.Until.Sub(now))
			}
			add(fmt.Sprintf("%s\t%s\t%s\t%s\t%d", from, short(orDash(b.User), 30), left, b.By, b.Failures))
		}
	})
}

func showLimits(out io.Writer, all []live.Limit) {
	if len(all) == 0 {
		fmt.Fprintln(out, "the records' limits hold")
		return
	}
	rate := func(n *int64) string {
		switch {
		case n == nil:
			return "as the record"
		case *n == 0:
			return "none"
		}
		return bytesOf(float64(*n)) + "/s"
	}
	table(out, "USER\tUP\tDOWN\tSESSIONS", func(add func(string)) {
		for _, l := range all {
			many := "as the record"
			if l.Sessions != nil {
				many = fmt.Sprint(*l.Sessions)
			}
			add(fmt.Sprintf("%s\t%s\t%s\t%s", short(l.User, 30), rate(l.Up), rate(l.Down), many))
		}
	})
}

func showUsers(out io.Writer, u Users) {
	if u.File != "" {
		fmt.Fprintf(out, "file: %s\n", clean(u.File))
	}
	table(out, "NAME\tROOT\tHOME\tMAY", func(add func(string)) {
		for _, r := range u.Users {
			may := r.May
			if r.Disabled {
				may = "disabled"
			}
			add(fmt.Sprintf("%s\t%s\t%s\t%s", clean(r.Name), clean(orDash(r.Root)), clean(orDash(r.Home)), may))
		}
	})
}

func showServers(out io.Writer, all []About) {
	if len(all) == 0 {
		fmt.Fprintln(out, "no server runs here")
		return
	}
	table(out, "NAME\tPID\tDIR\tLISTENS", func(add func(string)) {
		for _, a := range all {
			listens := strings.Join(a.Listen, " ")
			if a.Replaced {
				listens = "replaced: only the sessions that it has left"
			}
			add(fmt.Sprintf("%s\t%d\t%s\t%s", clean(a.Name), a.PID, clean(a.Dir), listens))
		}
	})
}

// showLine prints a line of /v1/events.
func showLine(out io.Writer, line []byte) error {
	var e struct {
		live.Event
		Lost
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	if e.Lost.Lost > 0 {
		_, err := fmt.Fprintf(out, "(%d events were left out: this terminal is too slow)\n", e.Lost.Lost)
		return err
	}
	_, err := fmt.Fprintln(out, eventLine(e.Event))
	return err
}

// eventLine is an event for people.
func eventLine(e live.Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %-12s", e.Time.Local().Format("15:04:05"), e.Kind)
	if e.Session > 0 {
		fmt.Fprintf(&b, " %d", e.Session)
	}
	if e.User != "" {
		fmt.Fprintf(&b, " %s", clean(e.User))
	}
	if e.Peer.Addr().IsValid() {
		fmt.Fprintf(&b, " from %s", e.Peer.Addr())
	}
	if e.Kind == live.Acted {
		fmt.Fprintf(&b, " %s", clean(e.Verb))
	}
	if e.Path != "" {
		fmt.Fprintf(&b, " %s", clean(e.Path))
	}
	if e.To != "" {
		fmt.Fprintf(&b, " to %s", clean(e.To))
	}
	if e.Bytes > 0 || e.Kind == live.Upload || e.Kind == live.Download {
		fmt.Fprintf(&b, " %s", bytesOf(float64(e.Bytes)))
	}
	if e.Took > 0 && e.Bytes > 0 {
		fmt.Fprintf(&b, " in %s", e.Took.Round(time.Millisecond))
	}
	if e.Outcome != "" && e.Outcome != live.Done {
		fmt.Fprintf(&b, ": %s", e.Outcome)
	}
	if e.Reason != "" {
		fmt.Fprintf(&b, " (%s)", clean(e.Reason))
	}
	return b.String()
}
