package repl

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// meter tells of transfers: bars while they run, and a line for each that has
// ended. It hears the events of package bulk, never two at once.
type meter struct {
	to    io.Writer
	dir   func() string                             // local directory, for shorter names
	draw  func(to io.Writer, width func() int) bars // nil: there are none
	say   func(bulk.EventKind) bool                 // whether a kind of event is told
	c     func() Color
	width func() int // columns of the screen; nil: lines are left as they are

	attended func(job string) bool // whether somebody waits for it; nil: nobody does

	bars  bars                     // nil while none stand
	room  int                      // columns that they were made for
	stand atomic.Pointer[standing] // bars, for who hears no events

	// of the run
	files, done, skipped, failed int
	bytes                        int64
	began                        time.Time
	flows                        map[bulk.Item]*flow
	all                          flow // of all files
}

// bars is what draws. Bars are named by their flow.
type bars interface {
	io.Writer      // lines above the bars
	Set(f *flow)   // how far it is, its bar made at the first call
	Drop(f *flow)  // takes its bar away
	Total(f *flow) // how far all are
	Close()        // takes all away
}

// flow is one file that moves.
type flow struct {
	name  string
	step  int   // in the plan: bars stand in its order
	size  int64 // proto.NoSize when not known
	from  int64 // where it was at the first news, after a resume not 0
	moved int64
	began time.Time
	now   time.Time
	still time.Time // since when no byte has moved
}

// rate is in bytes a second, 0 when nobody can tell yet.
func (f *flow) rate() int64 {
	d := f.now.Sub(f.began).Seconds()
	if d < 0.1 {
		return 0
	}
	return int64(float64(max(f.moved-f.from, 0)) / d)
}

// at notes how far it is.
func (f *flow) at(moved int64, now time.Time) {
	if moved != f.moved || f.still.IsZero() {
		f.still = now
	}
	f.moved, f.now = moved, now
}

// left is the time that remains at this rate.
func (f *flow) left() (time.Duration, bool) {
	rate := f.rate()
	if rate <= 0 || f.size < f.moved {
		return 0, false
	}
	return time.Duration(float64(f.size-f.moved) / float64(rate) * float64(time.Second)), true
}

// event is script.Config's Events.
func (m *meter) event(e bulk.Event) {
	if e.Job != "" {
		m.beside(e)
		return
	}
	switch e.Kind {
	case bulk.Planned:
		m.start(e)
	case bulk.Started:
		m.flows[e.Item] = &flow{name: filepath.Base(m.short(e.Item.Local)), step: e.Step, size: e.Size, from: -1, began: e.At, now: e.At}
	case bulk.Progress:
		m.progress(e)
	case bulk.Done:
		m.end(e)
		m.tell(e, m.summary(e))
	case bulk.Skipped:
		m.skipped++
		m.end(e)
		m.tell(e, m.arrow(e)+": skipped: "+e.Why)
	case bulk.Failed:
		m.failed++
		m.end(e)
		m.tell(e, fmt.Sprintf("%s: %v", m.arrow(e), e.Err))
	case bulk.Retried:
		m.again(e)
	}
}

// beside draws the bars of jobs that a person waits for. Of other jobs `jobs`
// tells, and a line when they end.
func (m *meter) beside(e bulk.Event) {
	if m.attended == nil || !m.attended(e.Job) {
		return
	}
	f := m.flows[e.Item]
	switch {
	case e.Kind == bulk.Progress && f == nil: // it began before somebody waited
		m.flows[e.Item] = &flow{name: filepath.Base(m.short(e.Item.Local)), step: e.Step, from: -1}
		fallthrough
	case e.Kind == bulk.Progress:
		m.progress(e)
	case f != nil:
		delete(m.flows, e.Item)
		if m.bars != nil {
			m.bars.Drop(f)
		}
	}
}

// again tells of a file that is tried once more. Its bar is gone until bytes
// move: a rate of the past is none.
func (m *meter) again(e bulk.Event) {
	if f := m.flows[e.Item]; f != nil {
		m.all.from -= max(f.from, 0) // it comes again with the first news
		if f.from = -1; m.bars != nil {
			m.bars.Drop(f)
		}
	}
	text := m.arrow(e) + ": " + e.Why + "; again"
	if e.Wait >= time.Second {
		text += " in " + e.Wait.Round(time.Second).String()
	}
	m.tell(e, text+" (^C stops)")
}

func (m *meter) start(e bulk.Event) {
	m.files, m.done, m.skipped, m.failed = e.Files, 0, 0, 0
	m.bytes, m.began = 0, e.At
	m.flows = map[bulk.Item]*flow{}
	m.all = flow{size: e.Size, began: e.At}
}

func (m *meter) progress(e bulk.Event) {
	f := m.flows[e.Item]
	if f == nil || m.draw == nil || !m.say(e.Kind) {
		return
	}
	if f.from < 0 {
		f.from, f.began = e.Moved, e.At
		m.all.from += e.Moved
	}
	f.size = e.Size
	f.at(e.Moved, e.At)
	m.raise()
	m.bars.Set(f)
	m.total(e.At)
}

// raise makes bars where there are none, and others where the window has
// another width by now.
func (m *meter) raise() {
	columns := m.width
	if columns == nil {
		columns = func() int { return defaultWidth }
	}
	room := columns()
	if m.bars != nil && m.room != room {
		m.pause()
	}
	if m.bars == nil {
		m.bars, m.room = m.draw(m.to, columns), room
		m.stand.Store(&standing{m.bars})
	}
}

// total draws the bar of all files.
func (m *meter) total(now time.Time) {
	if m.files < 2 {
		return
	}
	moved := m.bytes
	for _, f := range m.flows {
		moved += f.moved
	}
	m.all.at(moved, now)
	m.all.name = fmt.Sprintf("%d of %d files", m.done+m.skipped+m.failed, m.files)
	m.bars.Total(&m.all)
}

// end takes a file's bar away. Files that are too small for bars of their own
// are seen in the total, once that takes a while.
func (m *meter) end(e bulk.Event) {
	f := m.flows[e.Item]
	delete(m.flows, e.Item)
	if m.bars != nil && f != nil {
		m.bars.Drop(f)
	}
	if e.Kind == bulk.Done {
		m.done++
		m.bytes += max(e.Size, 0)
	} else {
		if f != nil {
			m.all.from -= max(f.from, 0)
		}
		m.all.size -= max(e.Size, 0) // it won't come any more
	}
	if m.files > 1 && m.draw != nil && m.say(bulk.Progress) && (m.bars != nil || e.At.Sub(m.began) > quietStart) {
		m.raise()
		m.total(e.At)
	}
}

// tell writes a line, above the bars where some stand. Of many files only
// those are told of that didn't just work.
func (m *meter) tell(e bulk.Event, text string) {
	if e.Kind == bulk.Done && m.files >= manyFiles || !m.say(e.Kind) {
		return
	}
	text = list.Printable(text)
	if m.width != nil {
		text = strings.Join(wrapped(text, m.width()-1, 6), "\n      ")
	}
	if e.Kind == bulk.Failed {
		text = paint(m.c(), red, text)
	}
	fmt.Fprintln(m.out(), text)
}

func (m *meter) out() io.Writer {
	if m.bars != nil {
		return m.bars
	}
	return m.to
}

// pause takes the bars away, so that something else can use the screen.
func (m *meter) pause() {
	if m.bars != nil {
		m.bars.Close()
		m.stand.Store(nil)
		m.bars = nil
	}
}

type standing struct{ bars }

// above is output of whoever writes while bars may stand, such as jobs: it
// goes above them.
type above struct {
	meter *meter
	to    io.Writer
}

func (a above) Write(p []byte) (int, error) {
	if bars := a.meter.stand.Load(); bars != nil {
		if n, err := bars.Write(p); err == nil {
			return n, nil
		} // they have just gone
	}
	return a.to.Write(p)
}

// finish ends what a verb has begun: the bars go, and many files have a total.
func (m *meter) finish() {
	m.pause()
	n := m.done + m.skipped + m.failed
	if n > 1 {
		s := list.Count(m.done, "file", "files") + ", " + list.Amount(m.bytes)
		if took := time.Since(m.began); took >= time.Second {
			s += fmt.Sprintf(" in %s", took.Round(100*time.Millisecond))
		}
		if m.skipped > 0 {
			s += fmt.Sprintf(", %d skipped", m.skipped)
		}
		if m.failed > 0 {
			s += fmt.Sprintf(", %d failed", m.failed)
		}
		fmt.Fprintln(m.to, s)
	}
	m.start(bulk.Event{})
}

// summary is what became of a file: "a -> b (1.2M, 3.4M/s)".
func (m *meter) summary(e bulk.Event) string {
	size := "size not known"
	if e.Size != proto.NoSize {
		size = list.Amount(e.Size)
	}
	return m.arrow(e) + " (" + size + ")"
}

// arrow is "source -> target", local names as seen from the local directory.
func (m *meter) arrow(e bulk.Event) string {
	local := cmp.Or(e.Item.Shown, m.short(e.Item.Local))
	if e.Direction == bulk.Up {
		return local + " -> " + e.Item.Remote
	}
	return e.Item.Remote + " -> " + local
}

func (m *meter) short(local string) string {
	rel, err := filepath.Rel(m.dir(), local)
	if err != nil || strings.HasPrefix(rel, "..") {
		return local
	}
	return rel
}
