package bulk

import "os"

// claim: a lock on this system would keep other programs from reading the
// source, so nothing is marked.
func claim(*os.File) bool { return true }
