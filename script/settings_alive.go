package script

import (
	"strings"
	"time"
)

// keepAlive is how often the shell shows a server that it is there: servers,
// and routers on the way, end what is silent for some minutes.
func keepAlive() SettingRow {
	return SettingRow{
		Name: "keep-alive", Brief: "how often the shell says NOOP while nobody types, such as 30s or 2m, or off",
		Get: func(s *Settings) string {
			if every := s.KeepAlive(); every > 0 {
				return every.String()
			}
			return "off"
		},
		Set: func(s *Settings, text string) error {
			if strings.EqualFold(text, "off") || text == "0" {
				s.Alive = -1
				return nil
			}
			d, err := parseDuration(text)
			if err != nil {
				return &ValueError{Name: "keep-alive", Value: text, Want: "a time such as 30s or 2m, or off"}
			}
			s.Alive = d
			return nil
		},
	}
}

// KeepAlive is the time between two signs of life, 0 for none.
func (s *Settings) KeepAlive() time.Duration {
	switch {
	case s.Alive < 0:
		return 0
	case s.Alive == 0:
		return usualAlive
	}
	return s.Alive
}
