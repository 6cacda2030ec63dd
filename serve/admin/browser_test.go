package admin_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ferry/proto"
	"ferry/serve/admin"
	"ferry/serve/users"
)

// browser is Chromium without a window; the test is skipped where there is
// none, but where nothing may be skipped.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		if os.Getenv("FERRY_NEED_PEERS") != "" {
			t.Fatal("Chromium is missing")
		}
		t.Skip("needs Chromium")
	}
	profile, err := os.MkdirTemp("", "ferry-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // its children write for a moment after it has ended
		for end := time.Now().Add(10 * time.Second); os.RemoveAll(profile) != nil && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
		}
	})
	// Its own sandbox does not work for root; it sees nothing but our page.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(profile), chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	quiet := log.New(io.Discard, "", 0) // it tells of every event that the package doesn't know
	ctx, stop := chromedp.NewContext(ctx, chromedp.WithErrorf(quiet.Printf))
	t.Cleanup(stop)
	ctx, late := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(late)
	return ctx
}

// looks runs actions in the browser; a picture of what went wrong is kept.
func looks(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	for i, a := range actions {
		if err := chromedp.Run(ctx, a); err != nil {
			_ = chromedp.Run(ctx, shot("failed"))
			t.Fatalf("action %d: %v", i+1, err)
		}
	}
}

// shot keeps a picture where FERRY_SHOTS says, for people to look at.
func shot(name string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		dir := os.Getenv("FERRY_SHOTS")
		if dir == "" {
			return nil
		}
		var png []byte
		if err := chromedp.CaptureScreenshot(&png).Do(ctx); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	})
}

func colors(scheme string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}})
}

// until waits for a condition of the page, which may be another page meanwhile.
func until(js string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			ok := false
			err := chromedp.Evaluate("!!("+js+")", &ok).Do(ctx)
			if ok {
				return nil
			}
			if time.Now().After(end) {
				return fmt.Errorf("not so: %s (%v)", js, err)
			}
		}
	})
}

// text waits for what an element says.
func text(id, says string) chromedp.Action {
	return until(fmt.Sprintf(`document.getElementById(%q).textContent.includes(%q)`, id, says))
}

// press is a key, some times.
func press(key string, times int) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for range times {
			if err := chromedp.KeyEvent(key).Do(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// tabTo presses the tab key until something has the focus.
func tabTo(what string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		there := false
		for range 40 {
			if err := chromedp.Evaluate(`(document.activeElement.ariaLabel || document.activeElement.id || "").startsWith("`+what+`")`, &there).Do(ctx); err != nil || there {
				return err
			}
			if err := chromedp.KeyEvent(kb.Tab).Do(ctx); err != nil {
				return err
			}
		}
		return fmt.Errorf("the tab key does not lead to %s", what)
	})
}

// noSideways wants all of the page in a phone's width.
func noSideways() chromedp.Action {
	return until(`document.documentElement.scrollWidth <= innerWidth && document.getElementById("scroll").scrollWidth <= document.getElementById("scroll").clientWidth`)
}

// sends begins an upload that stays open.
func (h *house) sends(user, path string, n int) {
	h.t.Helper()
	c := h.enter(user)
	say := func(line string) proto.Reply {
		if _, err := io.WriteString(c.NetConn(), line+"\r\n"); err != nil {
			h.t.Fatal(err)
		}
		r, err := c.ReadReply()
		if err != nil {
			h.t.Fatal(err)
		}
		return r
	}
	text := say("EPSV").String()
	_, port, _ := strings.Cut(text, "(|||")
	port, _, _ = strings.Cut(port, "|")
	data, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		h.t.Fatalf("%s: %v", text, err)
	}
	h.t.Cleanup(func() { data.Close() })
	say("STOR " + path)
	if _, err := data.Write(make([]byte, n)); err != nil {
		h.t.Fatal(err)
	}
}

func TestPageInABrowser(t *testing.T) {
	ctx := browser(t)
	file := filepath.Join(t.TempDir(), "users.json")
	if err := os.WriteFile(file, []byte(`{"users":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	known, err := users.Open(file, users.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(c *admin.Config) { c.Users, c.EditUsers, c.Records = file, admin.ByServer, known.Records })
	go h.admin.Run(t.Context())
	_, at := h.page()
	hostile := "<img src=x onerror=document.title='owned'>\x1b[2J"
	for _, user := range []string{"ann", "bob", hostile} {
		h.enter(user)
	}
	var title, rows, white, black string
	var kick float64
	looks(t, ctx,
		chromedp.EmulateViewport(390, 844), colors("dark"), chromedp.Navigate(at),
		until(`document.documentElement.scrollWidth <= innerWidth`), shot("login"),
		chromedp.SendKeys("[name=token]", "wrong\r"), until(`document.body.textContent.includes("That is not the token")`),
		chromedp.SendKeys("[name=token]", "correct-horse-battery\r"), chromedp.WaitVisible("#scroll"),
		until(`document.querySelectorAll("#rows tr").length === 3`), noSideways(),
		chromedp.Evaluate(`getComputedStyle(document.body).backgroundColor`, &black), shot("phone"),
		chromedp.EmulateViewport(1200, 800), colors("light"),
		chromedp.Evaluate(`getComputedStyle(document.body).backgroundColor`, &white),
		chromedp.Text("#rows", &rows), chromedp.Title(&title),
	)
	if title == "owned" || !strings.Contains(rows, "<img src=x") || strings.Contains(rows, "\x1b") {
		t.Errorf("the hostile name is shown as %q under %q", rows, title)
	}
	if white == black {
		t.Errorf("light and dark are the same: %s", white)
	}
	h.sends("carla", "big.iso", 1<<20)
	looks(t, ctx, text("rows", "/big.iso"), text("rows", "1.0M"), text("transfers", "1"), shot("light"), colors("dark"), shot("dark"), colors("light"),
		// By the keyboard alone: find bob, end his session.
		chromedp.Evaluate(`document.activeElement.blur()`, nil), tabTo("find"), chromedp.KeyEvent("bob"),
		until(`document.querySelectorAll("#rows tr").length === 1`),
		tabTo("Kick session 2"), press("\r", 1), until(`document.querySelector("#ask").open`), shot("ask"),
		press(kb.Escape, 1), until(`!document.querySelector("#ask").open`), text("sessions", "4"),
		tabTo("Kick session 2"), press("\r", 1), until(`document.querySelector("#ask").open`), tabTo("yes"),
		chromedp.Evaluate(`window.ended = new Promise(done => { const n = document.querySelector("#sessions"); let t;
			document.querySelector("#ask").addEventListener("close", () => { t = performance.now(); });
			new MutationObserver(() => n.textContent === "3" && done(performance.now() - t)).observe(n, { childList: true }); }); 0`, nil),
		press("\r", 1), chromedp.Evaluate(`window.ended`, &kick, awaited),
		tabTo("tab-who"), press(kb.ArrowRight, 1), text("lines", "login 2 bob from"), text("lines", "act"), shot("log"),
		tabTo("logfind"), chromedp.KeyEvent("carla"), until(`!document.querySelector("#lines").textContent.includes("bob")`), text("lines", "carla"),
		chromedp.Evaluate(`document.querySelector("#logfailed").click()`, nil), until(`document.querySelector("#lines").textContent === ""`),
		chromedp.Focus("#tab-log"), press(kb.ArrowRight, 1), tabTo("banwho"), chromedp.KeyEvent("192.0.2.0/24\r"),
		text("banrows", "192.0.2.0/24"), shot("bans"),
		tabTo("Unban 192.0.2.0/24"), press("\r", 1), until(`document.querySelectorAll("#banrows tr").length === 0`),
		chromedp.Focus("#tab-banned"), press(kb.ArrowRight, 1), text("userfile", "users.json"),
		tabTo("username"), chromedp.KeyEvent("dora"), press(kb.Tab, 1), chromedp.KeyEvent("a long one 17\r"), text("userrows", "dora"),
		tabTo("Disable dora"), press("\r", 1), text("userrows", "disabled"),
		until(`document.activeElement.ariaLabel === "Enable dora"`), shot("users"),
		chromedp.EmulateViewport(390, 844), noSideways(), shot("phone-users"), chromedp.Click("#tab-banned"), noSideways(), chromedp.Click("#tab-log"), noSideways(), shot("phone-log"),
		chromedp.EmulateViewport(1200, 800),
		chromedp.Click("#drain"), until(`document.querySelector("#ask").open`), chromedp.Click("#yes"),
		text("state", "draining"), text("sessions", "1"), // the upload goes on
		chromedp.Click("#drain"), text("state", "up for"),
		until(`(stats({ since: new Date(), former: true }), document.getElementById("state").textContent.includes("the server before it has sessions left"))`),
		until(`!document.querySelector("#peak").textContent.includes("peak 1.0K/s")`), shot("throughput"),
		// Another process answers: rows of the former are gone, and a question about them.
		chromedp.Click("#tab-who"), chromedp.Evaluate(`$("find").value = ""; $("find").oninput(); 0`, nil), until(`document.querySelectorAll("#rows tr").length > 0`),
		chromedp.Evaluate(`window.before = document.querySelector("#rows tr"); act("End session 1?", "/v1/kick", { who: "id:1" }); forget(); 0`, nil),
		until(`!before.isConnected && !document.querySelector("#ask").open && list.length === 0`), text("sessions", "1"), text("note", "nothing was done"),
		// Of two answers the later question's counts.
		until(`window.twice ??= (Promise.all([latest("/v1/bans"), latest("/v1/bans")]).then(a => { window.got = a; }), true)`),
		until(`window.got && got[0] === null && Array.isArray(got[1])`),
		chromedp.Click("#logout"), chromedp.WaitVisible("[name=token]"),
	)
	t.Logf("a session that is kicked was gone from the page after %.0f ms", kick)
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "dora") {
		t.Errorf("%s, %v", text, err)
	}
}

// The page stays quick with thousands of sessions: it holds the rows in sight.
func TestPageWithManySessions(t *testing.T) {
	ctx := browser(t)
	many := 300
	if os.Getenv("FERRY_NEED_PEERS") != "" {
		many = 5000
	}
	h := newHouse(t)
	_, at := h.page()
	for i := range many {
		h.enter(fmt.Sprintf("user%d", i))
	}
	var inPage int
	var frames, kick float64
	begun := time.Now()
	looks(t, ctx,
		chromedp.EmulateViewport(1200, 800), chromedp.Navigate(at), chromedp.SendKeys("[name=token]", "correct-horse-battery\r"), chromedp.WaitVisible("#scroll"),
		until(fmt.Sprintf(`document.querySelector("#shown")?.textContent === "%d of %d"`, many, many)),
	)
	shown := time.Since(begun)
	looks(t, ctx,
		chromedp.Evaluate(`new Promise(done => { let n = 0, worst = 0, last = performance.now(); const box = document.querySelector("#scroll");
			const step = now => { worst = Math.max(worst, now - last); last = now; box.scrollTop += 2000; ++n < 60 ? requestAnimationFrame(step) : done(worst); }; requestAnimationFrame(step); })`, &frames, awaited),
		shot("many"),
		chromedp.Evaluate(`document.querySelectorAll("#rows tr").length`, &inPage),
		chromedp.Evaluate(fmt.Sprintf(`new Promise(async done => { const n = document.querySelector("#sessions"), t = performance.now();
			new MutationObserver(() => n.textContent === "%d" && done(performance.now() - t)).observe(n, { childList: true }); await post("/v1/kick", { who: "user7" }); })`, many-1), &kick, awaited),
	)
	if inPage == 0 || inPage > 100 {
		t.Errorf("%d rows are in the page", inPage)
	}
	t.Logf("%d sessions: shown %v after the login form was asked for, the slowest of 60 frames while scrolling %.0f ms, one kicked gone after %.0f ms", many, shown, frames, kick)
}

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
