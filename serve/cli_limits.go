package serve

import (
	"time"

	"ferry/serve/users"
)

// limitFlag is an option of `ferry serve` that sets one of the Limits: count or
// time tells which.
type limitFlag struct {
	name, usage string
	count       func(*Limits) *int
	time        func(*Limits) *time.Duration
}

// limitFlags are all of them, in the order that help shows. Their defaults are
// those of Limits.
func limitFlags() []limitFlag {
	return []limitFlag{
		{name: "idle", usage: "end sessions that are silent for `TIME`", time: func(l *Limits) *time.Duration { return &l.Idle }},
		{name: "stall", usage: "break transfers off that don't move for `TIME`", time: func(l *Limits) *time.Duration { return &l.Stall }},
		{name: "login-time", usage: "a stranger has `TIME` to log in, in all", time: func(l *Limits) *time.Duration { return &l.Login }},
		{name: "handshake-time", usage: "a TLS handshake has `TIME`", time: func(l *Limits) *time.Duration { return &l.Handshake }},
		{name: "max-sessions", usage: "`N` sessions at once, in all", count: func(l *Limits) *int { return &l.Sessions }},
		{name: "max-per-address", usage: "`N` sessions at once from one address", count: func(l *Limits) *int { return &l.PerAddress }},
		{name: "connect-rate", usage: "`N` connections a second from one address", count: func(l *Limits) *int { return &l.Connects }},
		{name: "failures", usage: "after `N` wrong passwords for one name from one address (five times as many for all names) it is banned", count: func(l *Limits) *int { return &l.Failures }},
		{name: "ban", usage: "a ban lasts `TIME`", time: func(l *Limits) *time.Duration { return &l.Ban }},
	}
}

// anonymousFlags are those about what anonymous may take. They read as the rules
// of users do.
func anonymousFlags() []ruleFlag {
	return []ruleFlag{
		{"anonymous-sessions", "anonymous has `N` sessions at once, all visitors together", false, setSize(func(l *users.Limits, n int64) { l.Sessions = int(min(n, 1<<31-1)) })},
		{"anonymous-rate", "downloads of anonymous get `BYTES` a second, all together (512K, 2M …)", false, setSize(func(l *users.Limits, n int64) { l.Down = n })},
	}
}
