package serve

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// servers.md T14, RFC 2577 §7: a stranger can't tell by the answer, nor by its
// time, whether a user is unknown, disabled, expired, kept to other addresses,
// or has another password. Kolmogorov and Smirnov compare the times of many
// refusals of each kind: 1,000 with FERRY_TIMING=1000 (or any other number),
// a part of that else. What differs by chance does so once in a hundred
// times; only what differs in three runs one after the other is a failure.

// timingSamples is how many refusals of a kind are timed.
func timingSamples(t *testing.T, usual int) int {
	text := os.Getenv("FERRY_TIMING")
	if text == "" {
		return usual
	}
	n := 0
	if _, err := fmt.Sscan(text, &n); err != nil || n < 10 {
		t.Fatalf("FERRY_TIMING=%s: want a number of samples", text)
	}
	return n
}

// unlike is how likely two samples are to differ as they do when they come from
// the same source: the p of the test, by the asymptotic distribution.
func unlike(a, b []time.Duration) float64 {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	var worst float64
	for i, j := 0, 0; i < len(a) && j < len(b); {
		at := min(a[i], b[j])
		for i < len(a) && a[i] == at {
			i++
		}
		for j < len(b) && b[j] == at {
			j++
		}
		worst = max(worst, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	n := math.Sqrt(float64(len(a)) * float64(len(b)) / float64(len(a)+len(b)))
	lambda := (n + 0.12 + 0.11/n) * worst
	if lambda < 0.2 {
		return 1
	}
	p, sign := 0.0, 2.0
	for k := 1.0; k <= 100; k++ {
		p += sign * math.Exp(-2*k*k*lambda*lambda)
		sign = -sign
	}
	return min(max(p, 0), 1)
}

// told is the first two kinds that differ in each of three runs; "" for none.
func told(run func() map[string][]time.Duration) string {
	var suspects map[string]int
	for range 3 {
		samples := run()
		found := map[string]int{}
		kinds := slices.Sorted(maps.Keys(samples))
		for i, a := range kinds {
			for _, b := range kinds[i+1:] {
				if unlike(samples[a], samples[b]) < 0.01 {
					found[a+" and "+b]++
				}
			}
		}
		if suspects == nil {
			suspects = found
		}
		for pair := range suspects {
			if found[pair] == 0 {
				delete(suspects, pair)
			}
		}
		if len(suspects) == 0 {
			return ""
		}
	}
	return slices.Sorted(maps.Keys(suspects))[0]
}

func TestUnlike(t *testing.T) {
	draw := rand.New(rand.NewPCG(14, 14))
	sample := func(mean, spread float64) (all []time.Duration) {
		for range 1000 {
			all = append(all, time.Duration((mean+draw.NormFloat64()*spread)*1e6))
		}
		return all
	}
	by := 0
	for range 200 {
		if unlike(sample(20, 1), sample(20, 1)) < 0.01 {
			by++
		}
	}
	if by > 8 { // two are expected
		t.Errorf("%d of 200 like samples are told apart", by)
	}
	if p := unlike(sample(20, 1), sample(20.3, 1)); p > 1e-6 {
		t.Errorf("0.3 ms of 20 are not seen: p = %g", p)
	}
	if p := unlike(sample(20, 1), sample(20, 2)); p > 1e-6 {
		t.Errorf("another spread is not seen: p = %g", p)
	}
}

// suspectsFile is a users file with n users of each kind. Their hashes are cheap, so
// that other work shows the more.
func suspectsFile(t *testing.T, n int) (*users.File, map[string]func(i int) (name, pass string)) {
	t.Helper()
	hash := func(pass string) string {
		salt := []byte("saltsaltsaltsalt")
		b64 := base64.RawStdEncoding.EncodeToString
		return "$argon2id$v=19$m=256,t=1,p=1$" + b64(salt) + "$" + b64(argon2.IDKey([]byte(pass), salt, 1, 256, 1, 32))
	}
	right := hash("right")
	kinds := map[string]func(i int) (name, pass string){
		"unknown": func(i int) (string, string) { return fmt.Sprint("unknown", i), "wrong" },
	}
	var all []map[string]any
	for kind, fields := range map[string]map[string]any{
		"wrong": {}, "disabled": {"disabled": true}, "expired": {"expires": "2020-01-01"}, "elsewhere": {"addresses": []string{"192.0.2.0/24"}},
	} {
		pass := map[bool]string{true: "wrong", false: "right"}[kind == "wrong"]
		kinds[kind] = func(i int) (string, string) { return fmt.Sprint(kind, i), pass }
		for i := range n {
			u := map[string]any{"name": fmt.Sprint(kind, i), "password": right, "permissions": "all"}
			for k, v := range fields {
				u[k] = v
			}
			all = append(all, u)
		}
	}
	text, err := json.Marshal(map[string]any{"users": all})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "users.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := users.Open(path, users.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f, kinds
}

// hasty is a Directory that takes a short cut for names that it does not know.
type hasty struct{ users.Directory }

func (h hasty) Login(ctx context.Context, name string, pass proto.Secret) (users.Record, error) {
	if _, err := h.Lookup(name); err == users.ErrDenied {
		return users.Record{}, users.ErrDenied
	}
	return h.Directory.Login(ctx, name, pass)
}

// The work of a refusal is the same; and the test sees it where it is not.
func TestRefusalsTakeTheSameWork(t *testing.T) {
	n := timingSamples(t, 200)
	file, kinds := suspectsFile(t, 50)
	delete(kinds, "elsewhere") // the session refuses it, after the password was right
	timed := func(d users.Directory) func() map[string][]time.Duration {
		return func() map[string][]time.Duration {
			samples := map[string][]time.Duration{}
			for i := range n {
				for kind, who := range kinds { // in another order each time
					name, pass := who(i % 50)
					start := time.Now()
					if _, err := d.Login(t.Context(), name, proto.Secret(pass)); err != users.ErrDenied {
						t.Fatalf("%s: %v", name, err)
					}
					samples[kind] = append(samples[kind], time.Since(start))
				}
			}
			return samples
		}
	}
	if pair := told(timed(file)); pair != "" {
		t.Errorf("%s can be told apart by their time", pair)
	}
	if pair := told(timed(hasty{file})); !strings.Contains(pair, "unknown") {
		t.Errorf("a short cut for unknown users is not seen: %q", pair)
	}
}

// Over TCP, each refusal on a connection from an address of its own: the same
// text, and the same time.
func TestRefusalsTakeTheSameTime(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8")
	}
	n := timingSamples(t, 40)
	file, kinds := suspectsFile(t, 3*n)
	srv, err := New(Config{
		Users: file, Open: func(context.Context, users.Record) (store.Store, error) { return store.NewMem(), nil },
		Logger: NewLogger(io.Discard, LogText, slog.LevelInfo),
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(context.Background(), ln)
	t.Cleanup(func() { _ = srv.Shutdown(context.Background()) })
	next := uint32(127<<24 | 1<<16)
	users := 0
	var mu sync.Mutex
	answers := map[string]int{}
	pair := told(func() map[string][]time.Duration {
		samples := map[string][]time.Duration{}
		var all sync.WaitGroup
		turns := make(chan struct{}, 50)
		for range n {
			for kind, who := range kinds {
				next++
				from := netip.AddrFrom4([4]byte{byte(next >> 24), byte(next >> 16), byte(next >> 8), byte(next)})
				name, pass := who(users)
				turns <- struct{}{}
				all.Go(func() {
					defer func() { <-turns }()
					took, answer, err := refusal(ln.Addr().String(), from, name, pass)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Errorf("%s: %v", name, err)
					}
					answers[answer]++
					samples[kind] = append(samples[kind], took)
				})
			}
			users++
		}
		all.Wait()
		return samples
	})
	if pair != "" {
		t.Errorf("%s can be told apart by their time", pair)
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
}

// refusal is one wrong login: how long its answer took, and what it was.
func refusal(addr string, from netip.Addr, name, pass string) (took time.Duration, answer string, err error) {
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))}
	nc, err := d.Dial("tcp", addr)
	if err != nil {
		return 0, "", err
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	c := proto.NewConn(nc, nil)
	_, err = c.ReadReply()
	var user, last proto.Reply
	if err == nil {
		_, err = io.WriteString(nc, "USER "+name+"\r\n")
	}
	if err == nil {
		user, err = c.ReadReply()
	}
	start := time.Now()
	if err == nil {
		_, err = io.WriteString(nc, "PASS "+pass+"\r\n")
	}
	if err == nil {
		last, err = c.ReadReply()
	}
	return time.Since(start), user.String() + last.String(), err
}
