package repl

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"ferry/script"
	"ferry/serve"
)

// BenchmarkCompleteInALargeDirectory is Tab in a remote directory of 100,000
// names that was listed: with nothing typed, with what half of them begin with,
// and with what only one does. MB is what the shell keeps of the directory.
func BenchmarkCompleteInALargeDirectory(b *testing.B) {
	const many = 100_000
	dir := b.TempDir()
	for i := range many {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("report-%c-%06d.csv", 'a'+i%2, i)))
		if err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
	network, err := serve.Sandbox(dir)
	if err != nil {
		b.Fatal(err)
	}
	cfg := Config{Script: script.Config{Network: network, Sandbox: true, Dir: b.TempDir(), Out: io.Discard, Err: io.Discard}}
	sh := newShell(cfg, &history{}, make(chan os.Signal))
	sh.ed = &scripted{}
	cfg.Script.Ask = asker{sh}
	if sh.engine, err = script.New(cfg.Script); err != nil {
		b.Fatal(err)
	}
	defer sh.engine.Close(context.Background())
	if err := sh.engine.ExecText(b.Context(), "open anna:x@box"); err != nil {
		b.Fatal(err)
	}
	before := heap()
	for len(sh.complete("get r", 5).Line) == 5 { // until it is listed
	}
	kept := float64(heap()-before) / 1e6
	for _, typed := range []string{"get ", "get report-b", "get report-a-099998"} {
		b.Run(typed, func(b *testing.B) {
			for b.Loop() {
				if c := sh.complete(typed, len(typed)); c.Line == typed && len(c.Menu) == 0 {
					b.Fatal("nothing to complete")
				}
			}
			b.ReportMetric(kept, "MB")
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
