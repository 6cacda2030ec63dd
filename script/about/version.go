package about

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version is the program's name, version, commit, and what it runs on. They are
// what the toolchain has noted in the binary: of a release the version, of a
// clone the commit.
func Version() string {
	v, commit := "devel", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			v = info.Main.Version
		}
		if c := setting(info, "vcs.revision"); c != "" {
			commit = " " + c[:min(12, len(c))]
		}
		if setting(info, "vcs.modified") == "true" {
			commit += " (changed)"
		}
	}
	return fmt.Sprintf("ferry %s%s %s %s/%s", v, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
