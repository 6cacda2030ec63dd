//go:build linux

package link

import (
	"math/rand/v2"
	"os"
	"time"
)

// Conditions are what a link does to the packets of one direction.
type Conditions struct {
	Delay time.Duration // one way
	Rate  float64       // bits a second; 0 for no bound
	Loss  float64       // probability that a packet is lost
	Queue int           // bytes that wait for the link before packets are dropped
}

// backlog is how many packets may be under way; more than the longest queue holds.
const backlog = 1 << 16

// packet is one that is under way.
type packet struct {
	due  time.Time
	data []byte
}

// carry moves packets from one device to another until the first is closed.
// The seed makes losses the same in every run.
func carry(from, to *os.File, c Conditions, seed uint64) {
	under := make(chan packet, backlog)
	defer close(under)
	go deliver(under, to)
	dice := rand.New(rand.NewPCG(seed, seed))
	var free time.Time // when the link has sent what it holds
	for {
		data := make([]byte, 2048)
		n, err := from.Read(data)
		if err != nil {
			return
		}
		now := time.Now()
		if free.Before(now) {
			free = now
		}
		if c.Rate > 0 {
			if waiting := free.Sub(now).Seconds() * c.Rate / 8; waiting > float64(c.Queue) {
				continue
			}
			free = free.Add(time.Duration(float64(n) * 8 / c.Rate * float64(time.Second)))
		}
		if c.Loss > 0 && dice.Float64() < c.Loss {
			continue
		}
		under <- packet{free.Add(c.Delay), data[:n]}
	}
}

func deliver(under <-chan packet, to *os.File) {
	for p := range under {
		sleepUntil(p.due)
		if _, err := to.Write(p.data); err != nil {
			for range under { // the other side is gone; let the reader end
			}
			return
		}
	}
}
