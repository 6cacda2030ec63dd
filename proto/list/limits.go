package list

const (
	// MaxLine is the longest line of a listing that is looked at, in bytes: a
	// name of 255 characters, a link target of 4096 (PATH_MAX) and their
	// facts fit twice over. Longer ones are cut, and Unknown.
	MaxLine = 16 << 10
	// maxWrap is how many lines one VMS entry may be spread over: name, size
	// and date, protection.
	maxWrap = 3
	// maxFields is how many fields may stand between the mode and the date of
	// a Unix line: links, owner, a group of several words, a label, the size.
	maxFields = 12
	// yearsBack is how far the year of a date without one is looked for: far
	// enough to find a 29 February over a century's missing one.
	yearsBack = 9
)
