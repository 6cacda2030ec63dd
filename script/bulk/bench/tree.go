//go:build linux

package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// makeFile writes bytes that can't be guessed, and are the same in every run.
func makeFile(path string, size int64, seed byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(f, rand.NewChaCha8([32]byte{seed}), size); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// makeTree writes files of one size, so many in each directory.
func makeTree(dir string, files, each int, size int64) error {
	for i := range files {
		name := filepath.Join(dir, fmt.Sprintf("d%02d", i/each), fmt.Sprintf("f%04d.dat", i))
		if err := makeFile(name, size, byte(i)); err != nil {
			return err
		}
	}
	return nil
}

// makeDirs writes a tree of 60 directories in two levels: 6, and 9 in each.
func makeDirs(dir string) error {
	for i := range 6 {
		for j := range 10 {
			name := filepath.Join(dir, fmt.Sprintf("top%d", i), fmt.Sprintf("sub%d", j), "file.dat")
			if j == 0 {
				name = filepath.Join(dir, fmt.Sprintf("top%d", i), "file.dat")
			}
			if err := makeFile(name, 100, byte(i*10+j)); err != nil {
				return err
			}
		}
	}
	return nil
}

// digests has the SHA-256 of every regular file below dir, by relative path.
func digests(dir string) (map[string][32]byte, error) {
	sums := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		sums[name] = [32]byte(h.Sum(nil))
		return err
	})
	return sums, err
}

// sameBytes reports what differs between what was sent and what arrived.
func sameBytes(got string, want map[string][32]byte) error {
	have, err := digests(got)
	if err != nil {
		return err
	}
	if maps.Equal(have, want) {
		return nil
	}
	for name, sum := range want {
		if have[name] != sum {
			return fmt.Errorf("%s is missing or differs (%d files of %d arrived)", name, len(have), len(want))
		}
	}
	return fmt.Errorf("%d files arrived, %d were sent", len(have), len(want))
}
