package script

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"ferry/script/bulk"
)

// A job that meets a name that exists asks its person, who may be typing
// something else: it says so, and waits until fg or wait hears it out.

// jobQuestion is one that a job has.
type jobQuestion struct {
	job      *job
	about    bulk.Conflict
	answered chan jobAnswer // has room: whoever answers never waits
}

type jobAnswer struct {
	bulk.Answer
	err error
}

// unasked is what a job does in place of asking: in a script it fails.
func (st *State) unasked(ctx context.Context, c bulk.Conflict) (bulk.Answer, error) {
	j := st.Jobs.find(st.job)
	if j == nil || !st.Jobs.shell {
		return bulk.Answer{}, &StateError{What: "the name exists, and a job doesn't ask", Hint: "set existing overwrite, skip, rename, resume or newer"}
	}
	q := jobQuestion{job: j, about: c, answered: make(chan jobAnswer, 1)}
	st.Jobs.asks(j, Asking)
	defer st.Jobs.asks(j, Running)
	select {
	case st.Jobs.questions <- q:
	case <-ctx.Done():
		return bulk.Answer{}, context.Cause(ctx)
	}
	select {
	case a := <-q.answered:
		return a.Answer, a.err
	case <-ctx.Done():
		return bulk.Answer{}, context.Cause(ctx)
	}
}

// asks notes that a job waits for an answer, or that it has one.
func (js *Jobs) asks(j *job, now JobStatus) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if j.Status != Running && j.Status != Asking {
		return
	}
	j.Status = now
	line := fmt.Sprintf("[%d] a name exists: `fg %d` asks what to do", j.ID, j.ID)
	if now == Asking {
		js.news = append(js.news, line)
		js.release()
		return
	}
	js.news = slices.DeleteFunc(js.news, func(s string) bool { return s == line }) // it was heard out before it could be told
}

// find is the job with a number; nil when it is gone.
func (js *Jobs) find(id int) *job {
	for _, j := range js.all() {
		if j.ID == id {
			return j
		}
	}
	return nil
}

// attend makes jobs those that a person waits for.
func (js *Jobs) attend(jobs []*job) {
	js.heard.Lock()
	defer js.heard.Unlock()
	js.attended = jobs
}

// Attended reports whether a person waits for the job that an event names, and
// sees nothing else. It is for those that Config.Events calls, while it does.
func (js *Jobs) Attended(name string) bool {
	return slices.ContainsFunc(js.attended, func(j *job) bool { return strconv.Itoa(j.ID) == name })
}

// await waits for jobs and puts their questions to the person, if one is there.
func (st *State) await(ctx context.Context, jobs []*job) (failed []error, err error) {
	st.Jobs.letGo(jobs)
	defer st.Jobs.stepAside(st.job)()
	if st.cfg.Ask == nil {
		return st.Jobs.wait(ctx, jobs, nil)
	}
	st.Jobs.attend(jobs)
	defer st.Jobs.attend(nil)
	return st.Jobs.wait(ctx, jobs, func(q jobQuestion) {
		st.Jobs.attend(nil) // the screen is the question's
		defer st.Jobs.attend(jobs)
		st.say("[%d] %s", q.job.ID, q.job.Text)
		answer, err := st.cfg.Ask.Conflict(ctx, q.about)
		if err == nil {
			st.recording.told(q.job, answer)
		}
		q.answered <- jobAnswer{Answer: answer, err: err}
	})
}
