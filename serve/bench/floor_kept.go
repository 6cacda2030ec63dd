//go:build linux

package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
)

// packed is a channel of the floor: replies and files that are asked for together
// go out together.
type packed struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	file []byte
}

// keep is CHAN.
func (b *visitor) keep() {
	data, err := b.data.Accept()
	if err != nil {
		b.say("425 nobody")
		return
	}
	b.kept = &packed{conn: data, in: bufio.NewReaderSize(data, 256<<10), file: make([]byte, 64<<10)}
	b.say("225 open")
}

// overChannel is RETR or STOR of a small file. It leaves its replies for later.
func (b *visitor) overChannel(verb, path string) error {
	b.later = append(b.later, "125 here\r\n"...)
	var err error
	if verb == "RETR" {
		err = b.kept.give(b.root, path)
	} else {
		err = b.kept.take(b.root, path)
	}
	b.later = append(b.later, "250 done\r\n"...)
	if err == nil && (b.in.Buffered() == 0 || len(b.kept.out) > 64<<10) {
		_, err = b.kept.conn.Write(b.kept.out)
		b.kept.out = b.kept.out[:0]
	}
	if err == nil && b.in.Buffered() == 0 {
		_, err = b.conn.Write(b.later)
		b.later = b.later[:0]
	}
	return err
}

// give packs a file and its sum; see package ferry/proto/data for how both look.
func (p *packed) give(root *os.Root, path string) error {
	f, err := root.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := f.Read(p.file)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(p.file[:n])
	p.out = append(p.out, 0, byte(n>>8), byte(n))
	p.out = append(append(p.out, p.file[:n]...), 16, 0, 73)
	p.out = append(hex.AppendEncode(append(p.out, "sha-256="...), sum[:]), ";@\x00\x00"...)
	return nil
}

// take reads a file of one block, compares its sum and commits it.
func (p *packed) take(root *os.Root, path string) error {
	var head [3]byte
	if _, err := io.ReadFull(p.in, head[:]); err != nil {
		return err
	}
	content := p.file[:binary.BigEndian.Uint16(head[1:])]
	if _, err := io.ReadFull(p.in, content); err != nil {
		return err
	}
	end := make([]byte, 3+73+3)
	if _, err := io.ReadFull(p.in, end); err != nil {
		return err
	}
	if sum := sha256.Sum256(content); string(end[11:75]) != hex.EncodeToString(sum[:]) {
		return fmt.Errorf("another sum")
	}
	return commit(root, path, func(f *os.File) error { _, err := f.Write(content); return err })
}
