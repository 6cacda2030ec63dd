package serve

import (
	"path/filepath"
	"testing"

	"ferry/proto/wiretest"
)

// The dialogues in testdata, played against the server.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.wire")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			script := wiretest.Load(t, f)
			inWorld(t, func(w *world) {
				wiretest.Drive(w.t, w.net.Host(ownerAddr), w.addr, script)
			})
		})
	}
}
