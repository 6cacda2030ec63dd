package users

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
)

func TestHash(t *testing.T) {
	h := quick()
	one, two := h.Hash("secret"), h.Hash("secret")
	if one == two {
		t.Error("no salt")
	}
	want, err := parseHash(one.Reveal())
	if err != nil || !strings.HasPrefix(one.Reveal(), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %v", one.Reveal(), err)
	}
	for pass, right := range map[proto.Secret]bool{"secret": true, "secret ": false, "": false} {
		for range 2 {
			if ok, err := h.verify(t.Context(), want, pass); ok != right || err != nil {
				t.Errorf("%q: %v, %v", pass.Reveal(), ok, err)
			}
		}
	}
	if len(h.verified) != 1 {
		t.Errorf("%d are remembered", len(h.verified))
	}
}

// TestHashVector: the text form of others is understood; this hash is one that
// the reference implementation's tests have.
func TestHashVector(t *testing.T) {
	const text = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	want, err := parseHash(text)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := NewHasher().verify(t.Context(), want, "password"); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestParseHash(t *testing.T) {
	const salt, sum = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, bad := range []string{
		"", "secret", "$1$salt$sum", "$argon2i$v=19$m=8,t=1,p=1$" + salt + "$" + sum,
		"$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=8,t=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=8,t=1,p=1,x=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=08,t=1,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=7,t=1,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=8,t=0,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=8,t=17,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=8,t=1,p=0$" + salt + "$" + sum,
		"$argon2id$v=19$m=999,t=1,p=17$" + salt + "$" + sum,
		"$argon2id$v=19$m=262145,t=1,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=-1,t=1,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=8,t=1,p=1$$" + sum,
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$",
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + strings.Repeat("A", 200),
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + sum + "$",
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + sum + "=",
	} {
		if h, err := parseHash(bad); err == nil {
			t.Errorf("%s was accepted: %+v", bad, h)
		}
	}
}

// TestTwoAtOnce: no more than two hashes are computed at once, by whatever way
// they are asked for.
func TestTwoAtOnce(t *testing.T) {
	h := quick()
	var wg sync.WaitGroup
	want, err := parseHash(h.Hash("x").Reveal())
	if err != nil {
		t.Fatal(err)
	}
	h.turns <- struct{}{}
	h.turns <- struct{}{}
	done := make(chan struct{}, 3)
	wg.Go(func() { h.verify(t.Context(), want, "wrong"); done <- struct{}{} })
	wg.Go(func() { h.refuse(t.Context(), want, "wrong"); done <- struct{}{} })
	wg.Go(func() { h.Hash("new"); done <- struct{}{} })
	select {
	case <-done:
		t.Error("one did not wait")
	case <-time.After(20 * time.Millisecond):
	}
	<-h.turns
	wg.Wait() // one turn is enough for all
	<-h.turns
}

// TestForget: the memory of good passwords is bounded.
func TestForget(t *testing.T) {
	h := NewHasher()
	for i := range maxVerified + 10 {
		h.remember([32]byte{byte(i), byte(i >> 8), byte(i >> 16)})
	}
	if n := len(h.verified); n > maxVerified || n == 0 {
		t.Errorf("%d", n)
	}
}

// TestSameWork: a refusal costs one hash of the same parameters, whatever its
// reason, and what was refused is not remembered. (RFC 2577 §7, servers.md T14)
func TestSameWork(t *testing.T) {
	var c counter
	h := c.hasher()
	secret := h.Hash("secret")
	file := tempFile(t, Options{Hasher: h},
		Record{Name: "ann", Password: secret, Perm: All},
		Record{Name: "gone", Password: secret, Perm: All, Disabled: true})
	single, err := Single(h, "eve", "secret", "")
	if err != nil {
		t.Fatal(err)
	}
	anon := Anonymous("", ReadOnly, Limits{})
	for _, login := range []Directory{file, file} { // the second is remembered
		if _, err := login.Login(t.Context(), "ann", "secret"); err != nil {
			t.Fatal(err)
		}
	}
	if work := c.took(); len(work) != 3 { // two made, one checked
		t.Errorf("good logins took %v", work)
	}
	for _, r := range []struct {
		what       string
		d          Directory
		name, pass proto.Secret
	}{
		{"wrong", file, "ann", "wrong"},
		{"wrong again", file, "ann", "wrong"},
		{"unknown", file, "nobody", "secret"},
		{"no name", file, "", ""},
		{"disabled, wrong", file, "gone", "wrong"},
		{"disabled, right", file, "gone", "secret"},
		{"disabled, right, again", file, "gone", "secret"},
		{"single, wrong", single, "eve", "wrong"},
		{"single, unknown", single, "ann", "secret"},
		{"joined, wrong", Join(anon, file, single), "ann", "wrong"},
		{"joined, wrong for the second", Join(anon, file, single), "eve", "wrong"},
		{"joined, disabled", Join(anon, file, single), "gone", "secret"},
		{"joined, unknown", Join(anon, file, single), "nobody", "x"},
		{"joined twice, unknown", Join(anon, Join(file, single)), "nobody", "x"},
	} {
		if _, err := r.d.Login(t.Context(), r.name.Reveal(), r.pass); err != ErrDenied {
			t.Errorf("%s: %v", r.what, err)
		}
		if work := c.took(); len(work) != 1 || work[0] != "m=19456 t=2 p=1" {
			t.Errorf("%s took %v", r.what, work)
		}
	}
	if len(h.verified) != 1 {
		t.Errorf("%d are remembered", len(h.verified))
	}
}

// TestSameParameters: where users have hashes of different cost, an unknown
// name costs what one of them does, and the same each time.
func TestSameParameters(t *testing.T) {
	var c counter
	var records []Record
	for i, memory := range []uint32{8, 16, 32, 64} {
		p := hash{memory: memory, time: 1, threads: 1, salt: []byte("saltsalt"), sum: make([]byte, 32)}
		records = append(records, Record{Name: string(rune('a' + i)), Password: proto.Secret(p.String())})
	}
	file := tempFile(t, Options{Hasher: c.hasher()}, records...)
	seen := map[string]bool{}
	for i := range 100 {
		name := "nobody" + string(rune('0'+i))
		file.Login(t.Context(), name, "x")
		first := c.took()
		file.Login(t.Context(), name, "y")
		if second := c.took(); len(first) != 1 || len(second) != 1 || first[0] != second[0] {
			t.Fatalf("%s took %v, then %v", name, first, second)
		}
		seen[first[0]] = true
	}
	if len(seen) != len(records) {
		t.Errorf("only %v", seen)
	}
}

// What hashes took goes back to the system soon after the last, and not once for
// each of them.
func TestHashesGiveBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, freed := NewHasher(), 0
		h.derive = func(hash, proto.Secret, int) []byte { return make([]byte, 32) }
		h.free = func() { freed++ }
		for _, c := range []struct{ hashes, freed int }{{0, 0}, {1, 1}, {100, 2}} {
			for range c.hashes {
				h.refuse(t.Context(), defaultHash(), "password")
			}
			time.Sleep(2 * tidyAfter)
			synctest.Wait()
			if freed != c.freed {
				t.Errorf("after %d hashes, memory was given back %d times, not %d", c.hashes, freed, c.freed)
			}
		}
	})
}
