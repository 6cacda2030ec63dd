package bookmark

const (
	// MaxFile is the longest file that is read, in bytes: FileZilla's of some
	// ten thousand sites.
	MaxFile = 8 << 20

	// MaxBookmarks is how many a file may hold: a person never looks through
	// more.
	MaxBookmarks = 10_000

	// maxField is the longest name, host, user, password or directory: what is
	// longer is no such thing.
	maxField = 4096
)
