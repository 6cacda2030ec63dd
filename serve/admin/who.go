package admin

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"ferry/serve/live"
)

// who is whom an act is about: one of the three.
type who struct {
	id   uint64
	user string
	addr netip.Prefix
}

// parseWho reads a session's number, an address or network, or a user. Where a
// user looks like one of the others: id:7, addr:::1, user:7.
func parseWho(word string) (who, error) {
	kind, rest, ok := strings.Cut(word, ":")
	if ok {
		switch kind {
		case "id":
			return whoID(rest)
		case "addr":
			return whoAddr(rest)
		case "user":
			return whoUser(rest)
		}
	}
	if w, err := whoAddr(word); err == nil {
		return w, nil
	}
	if w, err := whoID(word); err == nil {
		return w, nil
	}
	return whoUser(word)
}

func whoID(word string) (who, error) {
	id, err := strconv.ParseUint(word, 10, 64)
	if err != nil || id == 0 {
		return who{}, wrong("%q is no number of a session", word)
	}
	return who{id: id}, nil
}

func whoAddr(word string) (who, error) {
	if p, err := netip.ParsePrefix(word); err == nil {
		return who{addr: p.Masked()}, nil
	}
	a, err := netip.ParseAddr(word)
	if err != nil {
		return who{}, wrong("%q is no address", word)
	}
	a = a.Unmap()
	return who{addr: netip.PrefixFrom(a, a.BitLen())}, nil
}

func whoUser(word string) (who, error) {
	if word == "" || len(word) > 255 || strings.ContainsAny(word, "\r\n\x00") {
		return who{}, wrong("%q is no user", word)
	}
	return who{user: word}, nil
}

func (w who) match(s live.Session) bool {
	switch {
	case w.id != 0:
		return s.ID == w.id
	case w.user != "":
		return s.User == w.user
	}
	return w.addr.Contains(s.Peer.Addr().WithZone(""))
}

// ban is the ban of whoever is meant; sessions can't be banned.
func (w who) ban(d time.Duration) (live.Ban, error) {
	if w.id != 0 {
		return live.Ban{}, wrong("a session can't be banned, only its user or its address")
	}
	b := live.Ban{User: w.user, Address: w.addr, By: "administrator"}
	if d > 0 {
		b.Until = time.Now().Add(d).UTC()
	}
	return b, nil
}

func (w who) String() string {
	switch {
	case w.id != 0:
		return fmt.Sprintf("session %d", w.id)
	case w.user != "":
		return "user " + w.user
	case w.addr.IsSingleIP():
		return w.addr.Addr().String()
	}
	return w.addr.String()
}
