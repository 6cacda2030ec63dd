package repl

import (
	"strconv"
	"strings"

	"ferry/proto/list"
)

// jobs are the numbers of jobs, shown with what they do.
func (sh *shell) jobs(typed string) (found offers) {
	for _, j := range sh.engine.State().Jobs.List() {
		if number := strconv.Itoa(j.ID); strings.HasPrefix(number, typed) {
			found.add(candidate{text: number, show: number + ": " + list.Printable(j.Text)})
		}
	}
	return found
}
