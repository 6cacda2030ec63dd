//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bench: control groups are needed, which only Linux has")
	os.Exit(2)
}
