package main

import "io/fs"

// giveTo has nothing to do: servers there run as who runs the tests.
func giveTo(string, fs.FileInfo) error { return nil }
