package list

import (
	"strings"
	"time"
)

// stamp is a date as a line wrote it.
type stamp struct {
	year, month, day, hour, min, sec, nsec int

	yearless bool
	zone     *time.Location // nil: the listing's
	exact    time.Duration
}

// time resolves the stamp. A day that the calendar does not have is refused.
func (p *Parser) time(s stamp) (time.Time, bool) {
	zone := s.zone
	if zone == nil {
		zone = p.o.Location
	}
	if !s.yearless {
		return s.in(s.year, zone)
	}
	// ls leaves the year out for what is younger than half a year and not in
	// the future; other servers leave it out always. So it is the last year
	// in which the date is past. A day of grace is for zones and clocks.
	year := p.latest.Year()
	for range yearsBack {
		if t, ok := s.in(year, zone); ok && !t.After(p.latest) {
			return t, true
		}
		year--
	}
	return time.Time{}, false
}

func (s stamp) in(year int, zone *time.Location) (time.Time, bool) {
	t := time.Date(year, time.Month(s.month), s.day, s.hour, s.min, s.sec, s.nsec, zone)
	_, m, d := t.Date()
	return t, s.day >= 1 && int(m) == s.month && d == s.day
}

// unixDate takes the date of an `ls -l` line, in any of the styles that ls
// and its imitators have. ok false leaves the cursor where it was.
func (c *cursor) unixDate() (s stamp, ok bool) {
	at := c.pos
	first := c.next()
	if m := month(first); m > 0 {
		ok = c.monthFirst(&s, m)
	} else if first != "" && isDigit(first[0]) {
		ok = c.dayFirst(&s, first) || c.iso(&s, first) || c.shortISO(&s, first)
	}
	if !ok {
		c.pos = at
	}
	return s, ok
}

// monthFirst: Nov 22 13:00, Nov 22 2025, Nov 22 13:00:15 2025 (BSD's -T),
// Nov 22, 2025 13:00.
func (c *cursor) monthFirst(s *stamp, m int) bool {
	word := c.next()
	comma := strings.HasSuffix(word, ",")
	word = strings.TrimSuffix(strings.TrimSuffix(word, ","), "日")
	day, ok := small(strings.TrimSuffix(word, "일"), 2, 1, 31)
	if !ok {
		return false
	}
	s.month, s.day = m, day
	if !c.yearOrClock(s) {
		return false
	}
	if comma && !s.yearless {
		at := c.pos
		if !s.clock(c.next()) {
			c.pos = at
		}
	}
	if s.yearless && s.exact == time.Second {
		at := c.pos
		if year, ok := year4(c.next()); ok && c.name() != "" {
			s.year, s.yearless = year, false
		} else {
			c.pos = at
		}
	}
	return true
}

// dayFirst: 22 Nov 2025, 22. Nov 13:00.
func (c *cursor) dayFirst(s *stamp, first string) bool {
	day, ok := small(strings.TrimSuffix(first, "."), 2, 1, 31)
	if !ok {
		return false
	}
	at := c.pos
	s.month, s.day = month(c.next()), day
	if s.month == 0 || !c.yearOrClock(s) {
		c.pos = at
		return false
	}
	return true
}

// yearOrClock takes what stands behind day and month.
func (c *cursor) yearOrClock(s *stamp) bool {
	word := c.next()
	if year, ok := year4(word); ok {
		s.year, s.exact = year, 24*time.Hour
		return true
	}
	s.yearless = true
	return s.clock(word)
}

// iso: 2025-11-22 13:00, 2025-11-22 13:00:15.123456789 +0100, 2025-11-22.
func (c *cursor) iso(s *stamp, first string) bool {
	if !s.isoDay(first) {
		return false
	}
	s.exact = 24 * time.Hour
	at := c.pos
	if !s.clock(c.next()) {
		// --time-style=iso fills up what is older with a blank.
		if c.pos = at; strings.HasPrefix(c.text[at:], "  ") {
			c.pos++
		}
		return true
	}
	if s.exact < time.Minute {
		at = c.pos
		if !s.offset(c.next()) || c.name() == "" {
			c.pos, s.zone = at, nil
		}
	}
	return true
}

// isoDay reads 2025-11-22.
func (s *stamp) isoDay(f string) bool {
	if len(f) != 10 || f[4] != f[7] || f[4] != '-' && f[4] != '/' {
		return false
	}
	year, ok1 := year4(f[:4])
	m, ok2 := small(f[5:7], 2, 1, 12)
	day, ok3 := small(f[8:], 2, 1, 31)
	s.year, s.month, s.day = year, m, day
	return ok1 && ok2 && ok3
}

// shortISO: 11-22 13:00.
func (c *cursor) shortISO(s *stamp, first string) bool {
	if len(first) != 5 || first[2] != '-' {
		return false
	}
	m, ok1 := small(first[:2], 2, 1, 12)
	day, ok2 := small(first[3:], 2, 1, 31)
	s.month, s.day, s.yearless = m, day, true
	return ok1 && ok2 && s.clock(c.next())
}

func year4(f string) (int, bool) {
	y, ok := number(f)
	return int(y), ok && len(f) == 4
}
