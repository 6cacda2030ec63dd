package serve

import (
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// step is one command, and what happens on its data connection.
type step struct {
	line string
	data string // of an upload
	play play
	busy int  // NOOP and STAT sent while data moves
	late bool // passive: the client connects after the mark
	come bool // passive: the client connects before this, which is no transfer
}

// play is how a data connection goes.
type play int

const (
	whole      play = iota
	nobody          // the client never connects, nor listens
	abort           // ABOR when half was sent or much is left
	abortEarly      // ABOR, and no data connection from the client
	cutOff          // the data connection breaks
	quit            // QUIT, then the rest
)

// during is the answers to the commands sent meanwhile.
func (st step) during() (codes []int) {
	for i := range st.busy {
		codes = append(codes, []int{200, 211}[i%2])
	}
	return codes
}

func (st step) String() string {
	s := st.line
	if strings.Contains(" RETR STOR APPE STOU LIST NLST MLSD ", " "+strings.SplitN(st.line, " ", 2)[0]+" ") {
		s += fmt.Sprintf("  (%q, %s, %d meanwhile, late %v)", st.data,
			[]string{"whole", "nobody", "abort", "abort early", "reset", "quit"}[st.play], st.busy, st.late)
	}
	return s
}

// TestModel plays random sessions against the server and against the machine
// of model_machine_test.go, and compares each reply's code, and the bytes of
// files that are sent as they are. FERRY_MODEL_TIME=60s makes it longer,
// FERRY_MODEL_SEED=n plays one sequence.
func TestModel(t *testing.T) {
	seed, last, patience := uint64(1), uint64(1<<63), 2*time.Second
	if v, err := time.ParseDuration(os.Getenv("FERRY_MODEL_TIME")); err == nil {
		seed, patience = rand.Uint64N(1<<32), v
	}
	if v, err := strconv.ParseUint(os.Getenv("FERRY_MODEL_SEED"), 10, 64); err == nil {
		seed, last = v, v
	}
	var steps int
	for start := time.Now(); seed <= last && (time.Since(start) < patience || last == seed); seed++ {
		rnd := rand.New(rand.NewPCG(seed, 0))
		play := playModel(t, []uint16{0, 0, tls.VersionTLS12, tls.VersionTLS13}[seed%4])
		sequence := randomSteps(rnd)
		steps += len(sequence)
		if err := play(sequence); err != nil {
			sequence = shrink(sequence, func(s []step) bool { return play(s) != nil })
			t.Fatalf("FERRY_MODEL_SEED=%d: %v\nthe shortest sequence that fails:\n%s\n%v",
				seed, err, listed(sequence), play(sequence))
		}
	}
	t.Logf("%d steps", steps)
}

func listed(sequence []step) string {
	var b strings.Builder
	for _, st := range sequence {
		fmt.Fprintf(&b, "\t%s\n", st)
	}
	return b.String()
}

// shrink takes away pieces while the rest still fails, large ones first.
func shrink(sequence []step, fails func([]step) bool) []step {
	for size := len(sequence) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(sequence); {
			if fewer := slices.Delete(slices.Clone(sequence), i, i+size); fails(fewer) {
				sequence = fewer
			} else {
				i += size
			}
		}
	}
	return sequence
}

// playModel returns what plays a sequence, at a server with TLS of that
// version or (0) without any, and returns the first difference.
func playModel(t *testing.T, version uint16) func(sequence []step) error {
	var edit []func(*Config)
	if version != 0 {
		edit = append(edit, encrypted(t))
	}
	return func(sequence []step) error { return playAt(t, version, sequence, edit...) }
}

func playAt(t *testing.T, version uint16, sequence []step, edit ...func(*Config)) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		big := bigText()
		w := newWorld(t, edit...)
		w.put("/big", big)
		w.put("/a", "abc\n")
		w.put("/docs/a", "a\nb\nc\n")
		_ = w.files.Mkdir(t.Context(), "/d")
		synctest.Wait() // the server stands, also for a sequence of no steps
		d := &driver{w: w, machine: newMachine(big), tlsConfig: tlsClient(version)}
		d.tlsThere = version != 0
		defer func() { err = errors.Join(err, d.hangUp()) }()
		for i, st := range sequence {
			if err = d.step(st); err != nil {
				err = fmt.Errorf("step %d, %s: %w", i, st, err)
				return
			}
		}
	})
	return err
}

// bigText is lines of few letters, so that every type can carry it and
// deflate does not make it small.
func bigText() string {
	rnd := rand.New(rand.NewPCG(1, 1))
	b := make([]byte, bigFile)
	for i := range b {
		b[i] = "abcdefgh\n"[rnd.IntN(9)]
	}
	return string(b)
}

// randomSteps is a sequence in which something happens: those who are not
// logged in mostly do, transfers mostly have an agreed data connection.
func randomSteps(rnd *rand.Rand) (steps []step) {
	one := func(of ...string) string { return of[rnd.IntN(len(of))] }
	say := func(lines ...string) {
		for _, l := range lines {
			steps = append(steps, step{line: l})
		}
	}
	name := func() string {
		if rnd.IntN(3) == 0 {
			return "/b" // much happens to one file
		}
		return one("a", "b", "d", "d/a", "d/e", "/d/e/f", "/docs/a", "..", ".", "/", "none/x", "a/x", "big", "/big", "d/")
	}
	secure := func() {
		if rnd.IntN(8) > 0 {
			say("AUTH TLS")
		}
		if rnd.IntN(3) > 0 {
			say("PBSZ 0", "PROT "+one("P", "P", "P", "C"))
		}
	}
	secure() // 502 where there is no TLS
	say("USER "+one("anna", "anna", "anna", "bert", "reader", "clerk"), "PASS secret")
	for len(steps) < 80 {
		switch n := rnd.IntN(100); {
		case n < 2:
			say(one("REIN", "NOOP"), "USER anna")
			secure()
			say("PROT P", "USER anna", "PASS secret")
		case n < 6:
			say("USER "+one("anna", "anna", "bert", "reader", "clerk", "nobody"), "PASS "+one("secret", "secret", "secret", "wrong"))
		case n < 9:
			say(one("ACCT books", "ACCT books", "ACCT wrong", "PASS secret", "USER anna", "REIN", "QUIT", "USER", "PASS"))
		case n < 10:
			say(one("REIN", "USER anna", "PWD"))
			for range 9 + rnd.IntN(4) {
				say(one("XYZZY", "XYZZY", "XYZZY", "XYZZY", "XYZZY", "XYZZY", "XYZZY", "XYZZY", "PWD"))
			}
		case n < 12:
			steps = append(steps, partStory(rnd)...)
		case n < 22:
			say(one("TYPE A", "TYPE I", "TYPE I", "TYPE E", "TYPE L 8", "TYPE L 36", "TYPE X", "type a t", "STRU F", "STRU F",
				"STRU R", "STRU P", "STRU X", "MODE S", "MODE S", "MODE B", "MODE C", "MODE Z", "MODE X"))
		case n < 40:
			say(one("CWD ", "CWD ", "MKD ", "MKD ", "RMD ", "DELE ", "SIZE ", "MDTM ", "MLST ", "STAT ") + name())
		case n < 46:
			say("RNFR "+name(), "RNTO "+name())
		case n < 58:
			say(one("NOOP", "PWD", "CDUP", "SYST", "FEAT", "HELP", "HELP XYZZY", "STAT", "ABOR", "XYZZY", "MAIL", "OPTS UTF8 ON",
				"OPTS NONSENSE", "SITE IDLE 600", "SITE IDLE x", "SITE XYZZY", "NOOP x", "RETR", "STOR", "RNTO b", "RNFR a", "GET",
				"AUTH", "AUTH TLS", "AUTH SSL", "auth tls-c", "PBSZ", "PBSZ 0", "PBSZ x", "PROT", "PROT P", "PROT C", "PROT S", "PROT E", "PROT X",
				"EPSV ALL", "REST x", "REST -1", "REST 99999999999999999999"))
		default:
			steps = append(steps, randomTransfer(rnd, name())...)
		}
	}
	return steps
}

// partStory breaks an upload, and then does what may find what is left of it.
func partStory(rnd *rand.Rand) []step {
	steps := []step{{line: "STRU F"}, {line: "TYPE I"}, {line: "MODE S"}, {line: "EPSV"},
		{line: "STOR /b", data: "abcdefgh\n", play: []play{abort, cutOff}[rnd.IntN(2)]}}
	for range 5 {
		steps = append(steps, [][]step{
			{{line: "SIZE /b"}}, {{line: "DELE /b"}}, {{line: "REST 3"}},
			{{line: "EPSV"}, {line: "STOR /b", data: "hg\n"}},
			{{line: "EPSV"}, {line: "APPE /b", data: "ff\n"}},
			{{line: "EPSV"}, {line: "RETR /b"}},
		}[rnd.IntN(6)]...)
	}
	return append(steps, step{line: "DELE /b"}, step{line: "SIZE /b"})
}

func randomTransfer(rnd *rand.Rand, name string) (steps []step) {
	one := func(of ...string) string { return of[rnd.IntN(len(of))] }
	if rnd.IntN(8) > 0 {
		steps = append(steps, step{line: one("EPSV", "EPSV", "PASV", "PORT mine", "EPRT mine", "EPSV 1", "EPSV 2", "EPSV 9", "EPSV x",
			"PORT other", "PORT low", "EPRT other", "PORT nonsense", "EPRT |7|x|1|")})
	}
	if rnd.IntN(6) == 0 { // what may come between, or spoil it
		steps = append(steps, step{line: one("ABOR", "ABOR", "NOOP", "TYPE I", "STAT", "SIZE a", "RNFR a", "REIN", "ALLO 5"), come: rnd.IntN(2) == 0})
	}
	if rnd.IntN(4) == 0 {
		steps = append(steps, step{line: "REST " + one("0", "1", "3", "4", "5", "700000")})
		if rnd.IntN(6) == 0 {
			steps = append(steps, step{line: one("NOOP", "TYPE I", "EPSV", "ALLO 5", "STAT", "SIZE a", "RNFR a", "XYZZY")})
		}
	}
	st := step{
		line: one("RETR ", "RETR ", "RETR ", "STOR ", "STOR ", "STOR ", "APPE ", "STOU ", "LIST ", "NLST ", "MLSD ") + name,
		data: one("", "ab\n", "abcd\n", "a\nb\nc\n", "bcd\nefgh\n"),
		late: rnd.IntN(2) == 0,
	}
	if rnd.IntN(3) == 0 {
		st.play = play(rnd.IntN(6))
	}
	if rnd.IntN(3) == 0 {
		st.busy = rnd.IntN(4)
	}
	if rnd.IntN(10) == 0 {
		st.line, _, _ = strings.Cut(st.line, " ")
	}
	steps = append(steps, st)
	if rnd.IntN(6) == 0 {
		steps = append(steps, step{line: "ABOR"})
	}
	return steps
}
