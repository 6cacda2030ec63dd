package admin

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ferry/serve/live"
)

// top is who, live: drawn again each second and at each key.
func (c *Ctl) top(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return usage("top takes no argument")
	}
	if c.Terminal == nil || c.JSON {
		return c.who(ctx, nil)
	}
	size, restore, err := c.Terminal()
	if err != nil {
		return fmt.Errorf("ctl: top: %w", err)
	}
	defer restore()
	fmt.Fprint(c.Out, "\x1b[?1049h\x1b[?25l")
	defer fmt.Fprint(c.Out, "\x1b[?25h\x1b[?1049l")
	t := &topScreen{ctl: c, size: size}
	keys := make(chan byte)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go readKeys(ctx, c.In, keys)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	t.refresh(ctx)
	for !t.over {
		t.draw(c.Out)
		select {
		case <-ctx.Done():
			return nil
		case k, ok := <-keys:
			if !ok {
				return nil
			}
			t.key(ctx, k)
		case <-tick.C:
			t.refresh(ctx)
		}
	}
	return t.err
}

// readKeys hands over what is typed; arrows come as the letters of vi.
func readKeys(ctx context.Context, in io.Reader, keys chan<- byte) {
	defer close(keys)
	b := make([]byte, 16)
	for {
		n, err := in.Read(b)
		if err != nil {
			return
		}
		typed := bytes.ReplaceAll(bytes.ReplaceAll(b[:n], []byte("\x1b[A"), []byte("k")), []byte("\x1b[B"), []byte("j"))
		for _, k := range typed {
			select {
			case keys <- k:
			case <-ctx.Done():
				return
			}
		}
	}
}

// topScreen is what top shows.
type topScreen struct {
	ctl  *Ctl
	size func() (w, h int)

	all   []live.Session
	stats live.Stats
	order int
	at    uint64 // the chosen session
	asks  string // a question whose answer is y or not
	yes   func(ctx context.Context) error
	note  string
	err   error
	over  bool
}

// order is by what top sorts, and its key.
type order struct {
	name string
	less func(a, b live.Session) int
}

func orders() []order {
	rate := func(s live.Session) float64 {
		if s.Transfer == nil {
			return -1
		}
		return s.Transfer.Rate
	}
	return []order{
		{"rate", func(a, b live.Session) int { return cmp.Compare(rate(b), rate(a)) }},
		{"bytes", func(a, b live.Session) int { return cmp.Compare(b.In+b.Out, a.In+a.Out) }},
		{"user", func(a, b live.Session) int { return cmp.Compare(a.User, b.User) }},
		{"idle", func(a, b live.Session) int { return a.Last.Compare(b.Last) }},
	}
}

func (t *topScreen) refresh(ctx context.Context) {
	t.err = t.ctl.client.Get(ctx, "/v1/sessions", &t.all)
	if t.err == nil {
		t.err = t.ctl.client.Get(ctx, "/v1/stats", &t.stats)
	}
	if t.err != nil {
		t.over = ctx.Err() == nil
		t.err = fmt.Errorf("ctl: top: %w", t.err)
	}
	t.sort()
}

func (t *topScreen) sort() {
	less := orders()[t.order].less
	slices.SortStableFunc(t.all, func(a, b live.Session) int { return cmp.Or(less(a, b), cmp.Compare(a.ID, b.ID)) })
	if len(t.all) > 0 && t.index() < 0 {
		t.at = t.all[0].ID
	}
}

func (t *topScreen) index() int {
	return slices.IndexFunc(t.all, func(s live.Session) bool { return s.ID == t.at })
}

func (t *topScreen) key(ctx context.Context, k byte) {
	if t.asks != "" {
		t.answer(ctx, k)
		return
	}
	t.note = ""
	i := t.index()
	switch k {
	case 'q', 3, 4:
		t.over = true
	case 's':
		t.order = (t.order + 1) % len(orders())
		t.sort()
	case 'j', 'k':
		if i += map[byte]int{'j': 1, 'k': -1}[k]; i >= 0 && i < len(t.all) {
			t.at = t.all[i].ID
		}
	case 'x', 127:
		if i >= 0 {
			t.ask(fmt.Sprintf("end session %d of %s?", t.at, short(orDash(t.all[i].User), 20)), "/v1/kick", fmt.Sprintf("id:%d", t.at))
		}
	case 'b':
		if i >= 0 {
			addr := t.all[i].Peer.Addr().String()
			t.ask(fmt.Sprintf("ban %s?", addr), "/v1/ban", "addr:"+addr)
		}
	}
}

func (t *topScreen) ask(question, path, who string) {
	t.asks = question
	t.yes = func(ctx context.Context) error {
		return t.ctl.client.Post(ctx, path, map[string]string{"who": who}, nil)
	}
}

func (t *topScreen) answer(ctx context.Context, k byte) {
	t.asks = ""
	if k != 'y' && k != 'Y' {
		return
	}
	if t.note = "done"; t.yes(ctx) != nil {
		t.note = "nothing done: it is gone already"
	}
	t.refresh(ctx)
}

// draw writes one screen in one write, no line longer than the terminal.
func (t *topScreen) draw(out io.Writer) {
	w, h := t.size()
	now := time.Now()
	var rows bytes.Buffer
	room := max(h-3, 1)
	first := max(t.index()-room+2, 0)
	table(&rows, sessionHead, func(add func(string)) {
		for _, s := range t.all[min(first, len(t.all)):min(first+room, len(t.all))] {
			add(sessionRow(s, now))
		}
	})
	var b bytes.Buffer
	b.WriteString("\x1b[H")
	line := func(style, text string) { fmt.Fprintf(&b, "%s%s\x1b[0m\x1b[K\r\n", style, fit(text, w)) }
	line("", fmt.Sprintf("%s: %s, %d transfers, received %s, sent %s; by %s", clean(t.ctl.client.About.Name), sessions(t.stats.Sessions),
		t.stats.Transfers, bytesOf(float64(t.stats.In)), bytesOf(float64(t.stats.Out)), orders()[t.order].name))
	i := first - 1
	for row := range strings.Lines(rows.String()) {
		style := ""
		switch {
		case i == first-1:
			style = "\x1b[1m"
		case i == t.index():
			style = "\x1b[7m"
		}
		line(style, strings.TrimRight(row, "\n"))
		i++
	}
	b.WriteString("\x1b[J")
	fmt.Fprintf(&b, "\x1b[%d;1H%s\x1b[K", h, fit(t.foot(), w))
	_, _ = out.Write(b.Bytes())
}

func (t *topScreen) foot() string {
	switch {
	case t.asks != "":
		return t.asks + " (y/n)"
	case t.note != "":
		return t.note
	}
	return "q quit  ↑↓ choose  s sort  x end session  b ban address"
}

func fit(s string, w int) string {
	r := []rune(s)
	return string(r[:min(len(r), max(w, 0))])
}
