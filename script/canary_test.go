package script

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A secret appears in no output, however it came and whatever went wrong.
func TestCanary(t *testing.T) {
	for _, script := range []string{
		"open ftp.test\nuser anna CANARY\nls",
		"open ftp.test\nuser anna CANARY CANARY\nls",
		"open ftp.test\nanna\nCANARY\nls",
		"open anna:CANARY@ftp.test\nls",
		"open ftp://anna:CANARY@ftp.test:99999/\n",
		"open ftp://anna:CANARY%@ftp.test/\n",
		"open ftp://anna:CANARY/x@ftp.test/\n",
		"open xftp://anna:CANARY@ftp.test/\n",
		"open ftp://anna:CANARY@nowhere.test/\n",
		"open -u anna,CANARY ftp.test\nls",
		"open anna@ftp.test\nls", // from the environment
		"open ftp.test\nls",      // from .netrc
		"open ftp.test\nquote USER anna\nquote PASS CANARY\n",
		"set password CANARY\nset\nopen ftp.test\nuser anna ${password}\nls",
		"open ftp.test\nuser anna CANARY\nsite PSWD CANARY CANARY\nquote SITE PSWD CANARY x",
		"open ftp.test\nuser anna CANARY\nuser anna CANARY x y z",
		"open ftp.test\naccount CANARY",
		"set secret CANARY\n!env",
		"get ftp://anna:CANARY@ftp.test/a",
		"open ftp.test\nuser anna other\nget ftp://anna:CANARY@ftp.test/a b\n",
		"-mirror ftps://anna:CANARY@ftp.test/a b\n-copy a ftp://anna:CANARY@h/b\nput -O ftp://anna:CANARY@h/ x\n",
	} {
		for _, password := range []string{"CANARY", "other"} {
			w := newWorld(t)
			w.server.password = password
			w.cfg.Preset = map[string]string{"debug": "on", "verbose": "on"}
			w.cfg.Netrc = filepath.Join(w.dir, ".netrc")
			if err := os.WriteFile(w.cfg.Netrc, []byte("machine ftp.test login anna password CANARY"), 0o600); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(script, "anna@") {
				w.cfg.Env = func(name string) (string, bool) { return "CANARY", name == "FERRY_PASSWORD" }
				t.Setenv("FERRY_PASSWORD", "CANARY")
			}
			err := w.run(script)
			var b strings.Builder
			if err != nil {
				PrintError(&b, err)
			}
			if all := b.String() + w.out.String() + w.err.String(); strings.Contains(all, "CANARY") {
				t.Errorf("%s\nshows it:\n%s", script, all)
			}
		}
	}
}
