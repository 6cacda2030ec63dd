package script

import (
	"strconv"
	"strings"

	"ferry/script/bulk"
)

// Moving is how many files are moved: over how many sessions, how fast, and
// what is tried again.
type Moving struct {
	Publish   bulk.Publish
	Parallel  int   // most sessions; 0: as many as pay
	Segments  int   // in which a big file comes; 0: as many as pay
	Rate      int64 // bytes a second of one command, 0 no bound
	TotalRate int64 // of all commands and jobs together
	Retries   int   // attempts after the first, of each file
}

// defaultRetries is bulk's default without the first attempt.
const defaultRetries = 4

// maxParallel is more sessions than any server allows one user.
const maxParallel = 256

// maxSegments is as many sessions as a run opens by itself for all its files.
const maxSegments = 16

// movingSettings are the rows of Moving.
func movingSettings() []SettingRow {
	return []SettingRow{
		choice("publish", "when uploads get their names: each when it is whole, or all together", []value[bulk.Publish]{{"each", bulk.Each}, {"together", bulk.Together}},
			func(s *Settings) *bulk.Publish { return &s.Publish }),
		number("parallel", "most sessions that move files at once", auto, maxParallel, func(s *Settings) *int { return &s.Parallel }, "cmd:parallel"),
		number("segments", "in how many segments at once a big file moves, each over a session of its own (uploads: to ferry)", auto, maxSegments, func(s *Settings) *int { return &s.Segments }, "pget:default-n"),
		number("retries", "how often a file is tried again", "", 1000, func(s *Settings) *int { return &s.Retries }, "net:max-retries"),
		speed("rate", "most bytes a second of one command", func(s *Settings) *int64 { return &s.Rate }, "net:limit-rate"),
		speed("total-rate", "most bytes a second of all commands and jobs together", func(s *Settings) *int64 { return &s.TotalRate }, "net:limit-total-rate"),
	}
}

// auto is how a number that ferry finds out is shown and set.
const auto = "auto"

// number is a setting that counts something; zero is what 0 is called, if it
// means something else than none.
func number(name, brief, zero string, most int, field func(*Settings) *int, aliases ...string) SettingRow {
	want := "a number from 0 to " + strconv.Itoa(most)
	if zero != "" {
		want = zero + " or a number from 1 to " + strconv.Itoa(most)
		brief += ", or " + zero
	}
	return SettingRow{
		Name: name, Aliases: aliases, Brief: brief,
		Get: func(s *Settings) string {
			if n := *field(s); n != 0 || zero == "" {
				return strconv.Itoa(n)
			}
			return zero
		},
		Set: func(s *Settings, text string) error {
			if zero != "" && strings.EqualFold(text, zero) {
				*field(s) = 0
				return nil
			}
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > most || n == 0 && zero != "" {
				return &ValueError{Name: name, Value: text, Want: want}
			}
			*field(s) = n
			return nil
		},
	}
}

// speed is a setting in bytes a second: 500K, 2M.
func speed(name, brief string, field func(*Settings) *int64, aliases ...string) SettingRow {
	return SettingRow{
		Name: name, Aliases: aliases, Brief: brief + ", such as 500K or 2M, or none",
		Get: func(s *Settings) string {
			if n := *field(s); n != 0 {
				return strconv.FormatInt(n, 10)
			}
			return nothing
		},
		Set: func(s *Settings, text string) error {
			n, ok := parseSize(text)
			if strings.EqualFold(text, nothing) {
				n, ok = 0, true
			}
			if !ok {
				return &ValueError{Name: name, Value: text, Want: "bytes a second such as 500K or 2M, or none,"}
			}
			*field(s) = n
			return nil
		},
	}
}

// parseSize reads 4096, 500K, 2M, 1G; a K is 1024.
func parseSize(text string) (int64, bool) {
	digits := strings.TrimRight(text, "kKmMgGtTiIbB")
	n, err := strconv.ParseInt(digits, 10, 40)
	if err != nil || n < 0 {
		return 0, false
	}
	unit := strings.ToUpper(strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(text[len(digits):]), "B"), "I"))
	shift, ok := map[string]int{"": 0, "K": 10, "M": 20, "G": 30, "T": 40}[unit]
	if !ok || n > 1<<(62-shift) {
		return 0, false
	}
	return n << shift, true
}

// moving fills in what the settings say of sessions, rates and retries.
func (st *State) moving(o *bulk.Options, s Settings) (err error) {
	o.Dial, err = st.another()
	o.Sessions, o.Segments = s.Parallel, s.Segments
	o.Retry.Attempts = s.Retries + 1
	o.Control = st.cfg.Control
	st.total.Set(s.TotalRate)
	o.Rates = []*bulk.Rate{bulk.NewRate(s.Rate), st.total}
	return err
}
