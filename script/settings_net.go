package script

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/proxy"
)

// Route is how servers are reached, and how they write names.
type Route struct {
	Proxy   string // URL of a SOCKS5 or HTTP proxy
	Relay   string // [user:password@]host[:port] of an FTP proxy
	Style   client.RelayStyle
	Ports   string // where active mode listens: FIRST-LAST
	Address string // what it announces
	Charset string
	Lists   client.Lists

	Congestion proto.Congestion
	Channel    client.Channel
}

// routeSettings are the rows of Route.
func routeSettings() []SettingRow {
	return []SettingRow{
		discreet(text("proxy", "URL of a proxy for all connections: socks5:// or http://", checkProxy, func(s *Settings) *string { return &s.Proxy })),
		discreet(text("ftp-proxy", "a proxy that speaks FTP: [USER:PASSWORD@]HOST[:PORT]", checkRelay, func(s *Settings) *string { return &s.Relay }, "ftp:proxy")),
		choice("ftp-proxy-style", "how the FTP proxy is told the server: USER user@host, OPEN host or SITE host", relayStyles(),
			func(s *Settings) *client.RelayStyle { return &s.Style }),
		text("active-ports", "ports that active mode listens on, such as 50000-50009", checkPorts, func(s *Settings) *string { return &s.Ports }),
		text("active-address", "IP address that active mode announces, if it is not this machine's own", checkAddress, func(s *Settings) *string { return &s.Address }),
		text("charset", "how the server writes names, if not in UTF-8: latin1, windows-1251, shift_jis", checkCharset, func(s *Settings) *string { return &s.Charset }, "ftp:charset"),
		choice("listing", "how directories are listed: auto is MLSD, else LIST, and stat (no data connection) where there is no other way",
			[]value[client.Lists]{{"auto", client.ListsAuto}, {"list", client.ListsByLIST}, {"stat", client.ListsBySTAT}},
			func(s *Settings) *client.Lists { return &s.Lists }),
		congestion(),
		choice("channel", "whether many files share one data connection (CHAN), where the server is a ferry",
			[]value[client.Channel]{{"auto", client.ChannelAuto}, {"off", client.ChannelOff}},
			func(s *Settings) *client.Channel { return &s.Channel }),
	}
}

// congestion is how data connections answer loss when they send.
func congestion() SettingRow {
	const name = "congestion"
	return SettingRow{
		Name: name, Brief: "congestion control of data connections: auto (bbr where the kernel lets us), system, or a NAME of the kernel's",
		Get: func(s *Settings) string { return s.Congestion.String() },
		Set: func(s *Settings, value string) (err error) {
			c, err := proto.ParseCongestion(value)
			if err != nil {
				return &ValueError{Name: name, Value: value, Want: err.Error()}
			}
			s.Congestion = c
			return nil
		},
	}
}

func relayStyles() []value[client.RelayStyle] {
	return []value[client.RelayStyle]{{"user@host", client.RelayUserAt}, {"open", client.RelayOpen}, {"site", client.RelaySite}}
}

// discreet hides the password in a row's value.
//
// SECURITY: set lists settings, and a mistake in one is told with its value.
func discreet(row SettingRow) SettingRow {
	get, set := row.Get, row.Set
	row.Get = func(s *Settings) string { return ShownURL(get(s)) }
	row.Set = func(s *Settings, value string) error {
		err := set(s, value)
		var bad *ValueError
		if errors.As(err, &bad) {
			bad.Value = ShownURL(bad.Value)
		}
		return err
	}
	return row
}

func checkProxy(value string) error {
	if value == "" {
		return nil
	}
	if _, err := proxy.New(value, nil); err != nil {
		return errors.New("socks5://HOST:PORT or http://HOST:PORT")
	}
	return nil
}

func checkRelay(value string) error {
	_, err := parseRelay(value)
	return err
}

// parseRelay reads what open reads, but for URLs.
func parseRelay(value string) (client.Relay, error) {
	if value == "" {
		return client.Relay{}, nil
	}
	t, err := parseTarget(value)
	if err != nil || t.url {
		return client.Relay{}, errors.New("[USER:PASSWORD@]HOST[:PORT]")
	}
	return client.Relay{Address: t.address(), User: t.user, Pass: t.pass}, nil
}

func checkPorts(value string) error {
	_, err := parsePorts(value)
	return err
}

func parsePorts(value string) (client.PortRange, error) {
	if value == "" {
		return client.PortRange{}, nil
	}
	first, last, two := strings.Cut(value, "-")
	if !two {
		last = first
	}
	a, aerr := strconv.ParseUint(strings.TrimSpace(first), 10, 16)
	b, berr := strconv.ParseUint(strings.TrimSpace(last), 10, 16)
	if aerr != nil || berr != nil || a == 0 || a > b {
		return client.PortRange{}, errors.New("two numbers of 1 to 65535, as in 50000-50009,")
	}
	return client.PortRange{First: uint16(a), Last: uint16(b)}, nil
}

func checkAddress(value string) error {
	_, err := parseAddress(value)
	return err
}

func parseAddress(value string) (netip.Addr, error) {
	if value == "" {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(value)
	if err != nil {
		return a, errors.New("an IP address")
	}
	return a.Unmap(), nil
}

func checkCharset(value string) error {
	_, err := client.NewCharset(value)
	var bad *client.CharsetError
	if errors.As(err, &bad) {
		return errors.New("a charset that holds ASCII, such as latin1 (" + bad.Why + "),")
	}
	return err
}

// apply makes the settings part of how the next connection is made. In a
// sandbox there is nothing that a proxy could lead to.
func (r Route) apply(cfg *client.Config, under proto.Network, rehearsal bool) error {
	var errs [5]error
	cfg.Lists, cfg.Congestion, cfg.Channel = r.Lists, r.Congestion, r.Channel
	if r.Ports != "" {
		cfg.ActivePorts, errs[0] = parsePorts(r.Ports)
	}
	if r.Address != "" {
		cfg.ActiveAddr, errs[1] = parseAddress(r.Address)
	}
	if r.Charset != "" {
		cfg.Charset, errs[2] = client.NewCharset(r.Charset)
	}
	if r.Relay != "" && !rehearsal {
		cfg.Relay, errs[3] = parseRelay(r.Relay)
		cfg.Relay.Style = r.Style
	}
	if r.Proxy != "" && !rehearsal {
		cfg.Network, errs[4] = proxy.New(r.Proxy, under)
	}
	return errors.Join(errs[:]...)
}

// reroute makes the settings that need no new connection count in the one
// that is open.
func (st *State) reroute() {
	cfg := st.cfg.Client
	if st.client == nil || st.Settings.apply(&cfg, st.cfg.Network, true) != nil {
		return
	}
	st.client.SetActive(cfg.ActiveAddr, cfg.ActivePorts)
	st.client.SetCharset(cfg.Charset)
	st.client.SetLists(cfg.Lists)
	st.client.SetCongestion(cfg.Congestion)
	st.client.SetChannel(cfg.Channel)
}
