package hook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"time"
)

// CheckURL takes what may be told over TLS, or stays on this machine.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return errors.New("that is no URL")
	case u.Scheme == "https" && u.Host != "", u.Scheme == "http" && isLocal(u.Hostname()):
		return nil
	}
	return fmt.Errorf("%q: want https://…, or http:// of this machine", u.Redacted())
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ReadSecret is the content of a file, without the end of its line.
func ReadSecret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	text = bytes.TrimRight(text, "\r\n")
	switch {
	case err != nil:
		return nil, err
	case len(text) == 0 || len(text) > maxSecret:
		return nil, fmt.Errorf("%s: a secret has 1 to %d bytes", path, maxSecret)
	}
	return text, nil
}

// Sign is the signature of a body at a time, in hexadecimal.
func Sign(secret []byte, at string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(at))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// server is how a web server does.
type server struct {
	pause time.Duration // 0: it answers
	until time.Time
}

// deliver posts parcels in their order, each web server's for itself: one that
// doesn't answer holds nobody else up.
func (q *queue) deliver(ctx context.Context) {
	client := &http.Client{Timeout: postTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	servers := map[string]*server{}
	for ctx.Err() == nil && !q.stopped() {
		var next time.Time
		for _, h := range q.waiting() {
			if ctx.Err() != nil || q.stopped() {
				return
			}
			at := q.attempt(ctx, client, servers, h)
			if !at.IsZero() && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
		q.sleep(ctx, next)
	}
}

// attempt delivers one parcel if its web server is not resting; it returns when
// to try again, zero when it is delivered.
func (q *queue) attempt(ctx context.Context, client *http.Client, servers map[string]*server, h held) time.Time {
	if s := servers[h.url]; s != nil && time.Now().Before(s.until) {
		return s.until
	}
	p, err := q.read(h.name)
	switch {
	case errors.Is(err, fs.ErrNotExist): // another server of this state directory has delivered it
		q.drop(h.name)
		return time.Time{}
	case err != nil:
		q.log.Error("a queued webhook can't be read, and is lost", "file", h.name, "err", err)
		q.drop(h.name)
		return time.Time{}
	case !slices.Contains(q.urls, p.URL):
		q.log.Warn("a queued webhook is dropped: nobody asks any more for events there", "url", redacted(p.URL), "event", string(p.Event))
		q.drop(h.name)
		return time.Time{}
	}
	if h.url == "" {
		q.learn(h.name, p.URL)
	}
	s := servers[p.URL]
	if s == nil {
		s = &server{}
		servers[p.URL] = s
	}
	if now := time.Now(); now.Before(s.until) {
		return s.until
	}
	if err := q.post(ctx, client, p); err != nil {
		if s.pause == 0 {
			q.log.Warn("webhook is not taken; it will be tried again", "url", redacted(p.URL), "err", err)
		}
		s.pause = min(max(2*s.pause, firstPause), longestPause)
		s.until = time.Now().Add(s.pause)
		return s.until
	}
	if s.pause > 0 {
		q.log.Info("webhooks are taken again", "url", redacted(p.URL))
	}
	*s = server{}
	q.drop(h.name)
	return time.Time{}
}

// sleep waits for more, or until next.
func (q *queue) sleep(ctx context.Context, next time.Time) {
	wait := longestPause
	if !next.IsZero() {
		wait = max(time.Until(next), 0)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-q.more:
	case <-timer.C:
		q.adopt()
	case <-ctx.Done():
	}
}

func (q *queue) post(ctx context.Context, client *http.Client, p parcel) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(p.Body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "ferry")
	req.Header.Set("Ferry-Event", string(p.Event))
	req.Header.Set("Ferry-Id", p.ID)
	req.Header.Set("Ferry-Time", at)
	if len(q.secret) > 0 {
		req.Header.Set("Ferry-Signature", "sha256="+Sign(q.secret, at, p.Body))
	}
	resp, err := client.Do(req)
	if err != nil {
		return errors.Unwrap(err) // *url.Error has the URL in it, and there may be a key in that
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxOutput)
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("status %s", resp.Status)
	}
	return nil
}

func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
