package users

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"

	"ferry/proto"
)

// hash is a password's hash with its parameters. RFC 9106.
type hash struct {
	memory  uint32 // KiB
	time    uint32 // passes
	threads uint8
	salt    []byte
	sum     []byte
}

// defaultHash has the parameters of new hashes: 19 MiB, two passes, one
// thread. Some hundredths of a second, and not one of many cores.
func defaultHash() hash { return hash{memory: 19 << 10, time: 2, threads: 1} }

var errHash = errors.New("password is not an argon2id hash: make it with 'ferry users passwd'")

// parseHash reads $argon2id$v=19$m=19456,t=2,p=1$salt$sum.
func parseHash(text string) (hash, error) {
	f := strings.Split(text, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != "v=19" {
		return hash{}, errHash
	}
	var h hash
	if n, err := fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil || n != 3 {
		return hash{}, errHash
	}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.DecodeString(f[4])
	h.sum, err2 = base64.RawStdEncoding.DecodeString(f[5])
	if err1 != nil || err2 != nil || h.String() != text {
		return hash{}, errHash
	}
	return h, h.bounded()
}

// bounded refuses parameters out of bounds.
func (h hash) bounded() error {
	switch {
	case h.threads < 1 || h.threads > maxThreads:
		return fmt.Errorf("password hash: p=%d is not in 1 to %d", h.threads, maxThreads)
	case h.time < 1 || h.time > maxTime:
		return fmt.Errorf("password hash: t=%d is not in 1 to %d", h.time, maxTime)
	case h.memory < 8*uint32(h.threads) || h.memory > maxMemory:
		return fmt.Errorf("password hash: m=%d is not in %d to %d", h.memory, 8*h.threads, maxMemory)
	case len(h.salt) < minSalt || len(h.salt) > maxSalt || len(h.sum) < minSum || len(h.sum) > maxSum:
		return errHash
	}
	return nil
}

// String is what a users file holds.
func (h hash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s",
		h.memory, h.time, h.threads, b64.EncodeToString(h.salt), b64.EncodeToString(h.sum))
}

// argon2id makes length bytes of a password with h's salt and parameters.
func argon2id(h hash, pass proto.Secret, length int) []byte {
	return argon2.IDKey([]byte(pass.Reveal()), h.salt, h.time, h.memory, h.threads, uint32(length))
}

// Hasher computes and checks password hashes, at most two at once, and
// remembers which passwords were right. A server needs one.
type Hasher struct {
	turns  chan struct{}
	key    [32]byte // of this process; never leaves it
	derive func(h hash, pass proto.Secret, length int) []byte
	free   func() // gives memory back to the system

	mu       sync.Mutex // guards what follows
	verified map[[32]byte]struct{}
	tidies   bool // free is about to be called
}

// NewHasher makes a Hasher.
func NewHasher() *Hasher {
	h := &Hasher{
		turns:    make(chan struct{}, maxHashes),
		derive:   argon2id,
		free:     debug.FreeOSMemory,
		verified: make(map[[32]byte]struct{}),
	}
	rand.Read(h.key[:])
	return h
}

// Hash makes the hash of a new password, with a salt of its own.
func (h *Hasher) Hash(pass proto.Secret) proto.Secret {
	n := defaultHash()
	n.salt = make([]byte, 16)
	rand.Read(n.salt)
	h.turns <- struct{}{}
	defer h.leave()
	n.sum = h.derive(n, pass, 32)
	return proto.Secret(n.String())
}

// verify tells whether pass is the one that want was made of.
//
// SECURITY: right passwords are remembered as a MAC over hash and password
// under a key of this process: no password, and nothing that helps to find it
// elsewhere, stays in memory, and a changed hash forgets by itself. Wrong ones
// are never remembered: each costs its hash.
func (h *Hasher) verify(ctx context.Context, want hash, pass proto.Secret) (bool, error) {
	id := h.mac(want.String(), pass.Reveal())
	if h.known(id) {
		return true, nil
	}
	if err := h.turn(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	if h.known(id) { // somebody else was before us, with the same password
		return true, nil
	}
	if subtle.ConstantTimeCompare(h.derive(want, pass, len(want.sum)), want.sum) != 1 {
		return false, nil
	}
	h.remember(id)
	return true, nil
}

// refuse does the work of a wrong password, all that verify does in its order.
//
// SECURITY: RFC 2577 §7: a stranger must not learn from the time which users
// there are.
func (h *Hasher) refuse(ctx context.Context, like hash, pass proto.Secret) error {
	if len(like.salt) == 0 {
		like.salt = h.key[:16] // argon2 takes any
	}
	id := h.mac(like.String(), pass.Reveal())
	h.known(id)
	if err := h.turn(ctx); err != nil {
		return err
	}
	defer h.leave()
	h.known(id)
	subtle.ConstantTimeCompare(h.derive(like, pass, max(len(like.sum), 32)), like.sum)
	return ErrDenied
}

// turn waits until fewer than maxHashes are being computed.
func (h *Hasher) turn(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case h.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leave ends a turn. What hashes took is given back soon: a server that nobody
// visits any more would else hold it for minutes, ten times its own size.
func (h *Hasher) leave() {
	<-h.turns
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tidies {
		return
	}
	h.tidies = true
	time.AfterFunc(tidyAfter, func() {
		h.mu.Lock()
		h.tidies = false
		h.mu.Unlock()
		h.free()
	})
}

// mac is keyed, over both strings and where one ends.
func (h *Hasher) mac(a, b string) (sum [32]byte) {
	m := hmac.New(sha256.New, h.key[:])
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(len(a))))
	m.Write([]byte(a))
	m.Write([]byte(b))
	m.Sum(sum[:0])
	return sum
}

func (h *Hasher) known(id [32]byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.verified[id]
	return ok
}

func (h *Hasher) remember(id [32]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.verified) >= maxVerified {
		clear(h.verified)
	}
	h.verified[id] = struct{}{}
}
