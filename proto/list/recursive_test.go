package list

import "testing"

func TestBelow(t *testing.T) {
	for _, tt := range []struct {
		root, dir, want string
		ok              bool
	}{
		{"", "sub", "sub", true}, {".", "sub/x", "sub/x", true}, {"", "/sub", "", false}, {"", ".", "", false},
		{"/pub", "/pub/sub", "sub", true}, {"/pub", "/public/sub", "", false}, {"/pub", "/pub", "", false}, {"/pub", "sub", "sub", true},
		{"/", "/sub", "sub", true}, {"/", "/", "", false}, {"pub", "pub/sub", "sub", true}, {"pub", "other/sub", "", false}, {"pub", "/pub/sub", "", false},
	} {
		got, ok := below(tt.root, tt.dir)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("below(%q, %q) = %q, %v", tt.root, tt.dir, got, ok)
		}
	}
}

// A heading can't lead out of what was listed, whatever it says.
func TestForeignHeadings(t *testing.T) {
	const file = "-rw-r--r-- 1 anna staff 1 Nov 22 12:00 a"
	for _, heading := range []string{"../x:", "sub/../../x:", "/etc:", "..:", "./..:"} {
		got := parse(Options{Recursive: true}, ".:", file, "", heading, file)
		if got[1].Verdict != Understood || got[3].Verdict != Unknown || got[4].Verdict != Unknown {
			t.Errorf("%q: %+v", heading, got)
		}
	}
}

func TestFirstHeading(t *testing.T) {
	for text, want := range map[string]Verdict{"/my pub:": Ignored, "./my pub:": Ignored, ".:": Ignored, "pub:": Ignored, ":": Unknown, "an error occurred:": Unknown, "/a\x00:": Unknown} {
		if got := parse(Options{}, text); got[0].Verdict != want {
			t.Errorf("%q: %v", text, got[0].Verdict)
		}
	}
}
