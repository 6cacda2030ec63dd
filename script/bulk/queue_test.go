package bulk

import "testing"

// Sessions that are as fast as each other share small files so that none
// waits long for the last: a load costs a turn beside those of its files.
func TestSmallFilesAreShared(t *testing.T) {
	for _, tt := range []struct{ files, sessions, late int }{{1000, 8, 0}, {1000, 16, 0}, {1000, 8, 5}, {100, 8, 3}, {60, 16, 0}, {7, 8, 0}} {
		tasks := make([]*task, tt.files)
		for i := range tasks {
			tasks[i] = &task{index: i, Step: Step{Direction: Down, Size: 4096}}
		}
		q := newQueue(tasks)
		type session struct {
			held  load
			files int // of it, that are done
			free  int // the turn in which it can do more
		}
		sessions := make([]session, tt.sessions)
		for i := range sessions {
			sessions[i].free = i * tt.late
		}
		turn, done := 0, 0
		for ; done < tt.files; turn++ {
			for i := range sessions {
				switch s := &sessions[i]; {
				case turn < s.free:
				case s.files < len(s.held.tasks):
					f := s.held.tasks[s.files]
					q.begun(f)
					f.ended = true
					s.files, done = s.files+1, done+1
					s.free = turn + 3
				default:
					if s.held.tasks != nil {
						q.done(s.held)
					}
					s.held, _ = q.pick(tt.sessions)
					s.files, s.free = 0, turn+1
				}
			}
		}
		least := (3*tt.files + tt.sessions*tt.sessions*tt.late/2) / tt.sessions
		if most := least + 4; turn > most {
			t.Errorf("%d files, %d sessions, each %d later: %d turns, want at most %d", tt.files, tt.sessions, tt.late, turn, most)
		} else {
			t.Logf("%d files, %d sessions, each %d later: %d turns of at least %d", tt.files, tt.sessions, tt.late, turn, least)
		}
		if q.ahead != 0 {
			t.Errorf("%d files are still ahead", q.ahead)
		}
	}
}
