package bulk

import (
	"time"

	"ferry/proto"
)

// Result is what became of one item.
type Result struct {
	Item      Item
	Direction Direction
	Kind      EventKind // Done, Failed, Skipped or Deleted
	Bytes     int64     // moved over the wire
	Size      int64     // of the file as it stands now
	Time      time.Time // of the source
	Resumed   int64     // bytes that were there before
	Took      time.Duration
	Attempts  int
	Verified  string      // "size", "SHA-256", "" for not at all
	Hash      string      // what both ends have by Verified's algorithm, hexadecimal
	Why       string      // of a skip
	Reply     proto.Reply // the server's last about its bytes; zero when none came
	Err       error
}

// Report is what became of a run.
type Report struct {
	Results []Result
	Done    int
	Skipped int
	Failed  int
	Deleted int
	Bytes   int64
	Took    time.Duration
}

func (r *Report) add(x Result) {
	r.Results = append(r.Results, x)
	r.Bytes += x.Bytes
	switch x.Kind {
	case Done:
		r.Done++
	case Skipped:
		r.Skipped++
	case Failed:
		r.Failed++
	case Deleted:
		r.Deleted++
	}
}
