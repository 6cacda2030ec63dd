package script

import (
	"fmt"
	"strings"
	"testing"
)

// on-error in and around everything that has lines of its own: exit code, and
// what was printed. "size none" is what fails.
func TestOnError(t *testing.T) {
	for in, want := range map[string]string{
		// the three, one behind the other
		"size none; echo no": "1 ",
		"on-error continue; size none; echo on; size none":                         "10 on",
		"on-error continue; size none; on-error stop; echo on; size none; echo no": "1 on",
		"on-error goto-end; size none; echo no":                                    "10 ",
		"on-error stop; on-error continue; size none; echo on":                     "10 on",
		"set on-error continue; size none; echo on":                                "10 on",
		"on-error continue; size none; quit; echo no":                              "10 ",
		"on-error continue; size none; quit 0; echo no":                            "10 ",
		"on-error continue; size none; quit 7":                                     "7 ",
		"on-error continue; echo on":                                               "0 on",

		// the prefix: shown and ignored, whatever the mode is
		"-size none; echo on":                                         "0 on",
		"on-error goto-end; -size none; echo on":                      "0 on",
		"on-error continue; -size none; echo on":                      "0 on",
		"-if exists a.txt; size none; echo no; end; echo on":          "0 on",
		"-for x in 1 2; echo ${x}; size none; end; echo on":           "0 1 on",
		"on-error continue; -for x in 1 2; size none; echo ${x}; end": "10 1 2",
		"def f; size none; echo no; end; -f; echo on":                 "0 on",
		"-retry 2 1ms size none; echo on":                             "0 on",
		"-timeout 1m size none; echo on":                              "0 on",
		"-parallel 1; size none; echo no; end; echo on":               "0 on",
		"-size none; if failed; echo ${status}; end":                  "0 1",
		"-@size none; echo on":                                        "0 on",
		"retry 2 1ms -size none; echo on":                             "0 on",

		// blocks
		"if exists a.txt; size none; echo no; end; echo no":                                         "1 ",
		"on-error continue; if exists a.txt; size none; echo in; end; echo on":                      "10 in on",
		"on-error goto-end; if exists a.txt; size none; echo no; end; echo on":                      "10 on",
		"on-error goto-end; if exists none; else; size none; echo no; end; echo on":                 "10 on",
		"on-error continue; if size none gt 3; echo no; else; echo no; end; echo on":                "10 on",
		"on-error continue; for x in 1 2; size none; echo ${x}; end; echo on":                       "10 1 2 on",
		"on-error goto-end; for x in 1 2; echo ${x}; size none; echo no; end; echo on":              "10 1 2 on",
		"on-error goto-end; for x in 1 2; if exists a.txt; size none; echo no; end; echo ${x}; end": "10 1 2",
		"on-error goto-end; for x in 1 2; size none; break; end; echo on":                           "10 on",
		"for x in 1 2; on-error continue; size none; echo ${x}; end; size none; echo on":            "10 1 2 on",
		"if exists a.txt; on-error continue; end; size none; echo on":                               "10 on",

		// calls
		"def f; size none; echo no; end; f; echo no":                               "1 ",
		"def f; size none; echo in; end; on-error continue; f; echo on":            "10 in on",
		"def f; size none; echo no; end; on-error goto-end; f; echo on":            "10 on",
		"def f; on-error continue; size none; echo in; end; f; size none; echo on": "10 in on",
		"source DIR/bad.ftp; echo no":                                              "1 ",
		"on-error continue; source DIR/bad.ftp; echo on":                           "10 in on",
		"on-error goto-end; source DIR/bad.ftp; echo on":                           "10 on",
		"on-error continue; source none.ftp; echo on":                              "6 ", /* seen before anything runs */

		// retry and timeout: a failure inside is one of theirs, whatever the mode
		"on-error continue; retry 2 1ms; size none; echo no; end; echo on":                    "10 on",
		"on-error goto-end; retry 2 1ms; size none; echo no; end; echo no":                    "10 ", /* it is retry that fails */
		"on-error continue; retry 2 1ms; -size none; echo in; end; echo on":                   "0 in on",
		"on-error continue; timeout 1m; size none; echo in; end; echo on":                     "10 in on",
		"on-error goto-end; timeout 1m; size none; echo no; end; echo on":                     "10 on",
		"on-error continue; timeout 5ms; !exec sleep 20\nend\necho on":                        "10 on",
		"on-error continue; retry 2 1ms; on-error continue; size none; echo no; end; echo on": "10 on",

		// at-end: it runs for every end, to its own end, and hides no code
		"at-end; echo e${status}; end; size none; echo no":                    "1 e1",
		"at-end; echo e${status}; end; on-error continue; size none; echo on": "10 on e10",
		"at-end; size none; echo no; end; echo on":                            "1 on",
		"at-end; -size none; echo e; end; echo on":                            "0 on e",
		"at-end; on-error continue; size none; echo e; end; echo on":          "10 on e",
		"at-end; size none; end; quit 7":                                      "7 ",
		"at-end; echo 1; end; at-end; echo 2; end; size none":                 "1 1 2",
		"on-error goto-end; at-end; size none; echo no; end; echo on":         "10 on",

		// beside the others
		"on-error continue; parallel 2; size none; echo on; end; echo on":            "10 on on",
		"on-error goto-end; parallel 1; size none; echo no; end; echo on":            "10 on",
		"parallel 1; on-error continue; size none; echo in; end; size none; echo no": "1 ", /* each line is a job, with settings of its own */
		"on-error continue; size none &\nwait; echo on":                              "10 on",
		"on-error goto-end; size none &\nwait; echo no":                              "10 ",
		"queue size none; on-error continue; wait; echo on":                          "10 on",

		// bulk lines that go together
		"on-error continue; get none; get none2; echo on":                                "10 on",
		"get none; get a.txt; lcat a.txt":                                                "1 ",
		"on-error continue; get none; get a.txt; lcat a.txt":                             "10 abc",
		"on-error goto-end; get none; get a.txt; echo no":                                "10 ",
		"on-error goto-end; if exists a.txt; get none; get a.txt; echo no; end; echo on": "10 on",
		"on-error continue; -get none; get a.txt; lcat a.txt":                            "0 abc",

		// ends that no mode holds up
		"on-error continue; assert exists none; echo on": "10 on",
		"on-error continue; close; size a.txt; echo on":  "10 on",
	} {
		w := blockWorld(t)
		w.local("bad.ftp", "size none\necho in\n")
		err := w.in(strings.ReplaceAll(in, "DIR", w.dir))
		got := fmt.Sprint(ExitCode(err), " ", strings.Join(strings.Fields(w.out.String()), " "))
		if got != want {
			t.Errorf("%s\n got %s (%v)\nwant %s\n%s", in, got, err, want, w.err.String())
		}
	}
}
