package admin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const cookieName = "ferry"

// Ended are logins that ended before their time. Those of several processes can
// be put together.
type Ended struct {
	Before time.Time            `json:"before,omitzero"` // all that are no younger
	IDs    map[string]time.Time `json:"ids,omitempty"`   // and these, with their times
}

// cookie is a login as a browser keeps it: its name, until when it holds, and
// what shows that both are ours.
//
// SECURITY: no process needs to remember who has logged in, so the next one of
// the same token lets them in as well. Another token ends all logins.
func (w *Web) cookie(id string, until time.Time) string {
	text := strconv.FormatInt(until.Unix(), 10) + "." + id
	sum := hmac.New(sha256.New, []byte("login of "+w.token.Reveal()))
	sum.Write([]byte(text))
	return text + "." + hex.EncodeToString(sum.Sum(nil))
}

// read is the login that a cookie stands for; ok: it is one, and holds.
func (w *Web) read(cookie string) (id string, until time.Time, ok bool) {
	seconds, rest, _ := strings.Cut(cookie, ".")
	id, _, _ = strings.Cut(rest, ".")
	n, err := strconv.ParseInt(seconds, 10, 64)
	until = time.Unix(n, 0)
	if err != nil || !hmac.Equal([]byte(cookie), []byte(w.cookie(id, until))) || !time.Now().Before(until) {
		return "", until, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, over := w.ended.IDs[id]
	return id, until, !over && until.Add(-loginTime).After(w.ended.Before)
}

// knows reports whether a request comes from somebody who has had the token.
func (w *Web) knows(r *http.Request) bool {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return w.same(token)
	}
	c, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	_, _, ok := w.read(c.Value)
	return ok
}

func (w *Web) login(rw http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(rw, r.Body, maxBody)
	if !w.same(strings.TrimSpace(r.PostFormValue("token"))) {
		time.Sleep(wrongToken)
		rw.WriteHeader(http.StatusUnauthorized)
		page, _ := assets.ReadFile("page/login.html")
		_, _ = rw.Write([]byte(strings.Replace(string(page), "ferry serve has printed", "That is not the token. ferry serve has printed", 1)))
		return
	}
	value := w.cookie(rand.Text(), time.Now().Add(loginTime))
	http.SetCookie(rw, &http.Cookie{Name: cookieName, Value: value, Path: "/", HttpOnly: true, Secure: w.Secure, SameSite: http.SameSiteStrictMode})
	http.Redirect(rw, r, "/", http.StatusSeeOther)
}

func (w *Web) logout(r *http.Request) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return
	}
	id, until, ok := w.read(c.Value)
	if !ok {
		return
	}
	w.End(Ended{IDs: map[string]time.Time{id: until}})
	if w.Kept != nil {
		w.Kept()
	}
}

// End lets logins hold no more.
func (w *Web) End(more Ended) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended.IDs == nil {
		w.ended.IDs = map[string]time.Time{}
	}
	if more.Before.After(w.ended.Before) {
		w.ended.Before = more.Before
	}
	maps.Copy(w.ended.IDs, more.IDs)
	maps.DeleteFunc(w.ended.IDs, func(_ string, until time.Time) bool { return !time.Now().Before(until) })
	if len(w.ended.IDs) > maxLogouts {
		w.ended = Ended{Before: time.Now(), IDs: map[string]time.Time{}}
	}
}

// Ended are the logins of End that would hold still.
func (w *Web) Ended() Ended {
	w.mu.Lock()
	defer w.mu.Unlock()
	return Ended{w.ended.Before, maps.Clone(w.ended.IDs)}
}
