package script

import "io/fs"

// private: directories for what is temporary are a user's own here.
func private(fs.FileInfo) bool { return true }
