package repl

import "time"

// Bounds of the shell, each with its reason.
const (
	// silentAfter is how long a server may owe an answer before the person who
	// waits is told so: longer than a busy server needs.
	silentAfter = 5 * time.Second

	// stillAfter is how long no byte of a file may move before its bar says
	// that, in the place of a rate that is none any more.
	stillAfter = 5 * time.Second

	// quietStart is how long many small files may take without a bar: what is
	// over at once needs none.
	quietStart = 500 * time.Millisecond

	// maxHistory is how many lines are kept: some years of a person.
	maxHistory = 2000

	// maxHistoryLine is the longest line that is kept, in bytes. What is
	// longer was pasted and won't be searched for.
	maxHistoryLine = 4096

	// listWait is how long Tab waits for a listing, with a finger on it. A
	// listing that takes longer goes on in the background.
	listWait = 700 * time.Millisecond

	// listMax is how long it may go on there.
	listMax = 30 * time.Second

	// listFinish is how long a verb waits for a listing under way before it
	// is aborted: shorter than a person notices.
	listFinish = 300 * time.Millisecond

	// listAbort is how long the answer to that ABOR may take. A server that
	// needs longer is given up: to connect again is quicker.
	listAbort = 2 * time.Second

	// aliveWait is how long the answer to a NOOP may take while nobody waits
	// for it. A server that needs longer is gone.
	aliveWait = 20 * time.Second

	// pingFinish is how long a verb waits for such an answer under way before
	// it takes the connection for lost, and makes another.
	pingFinish = 5 * time.Second

	// aliveMost is how long a shell that nobody uses keeps its connection: a
	// server has others to serve.
	aliveMost = 4 * time.Hour

	// listLife is how long a listing is believed. Others may change the
	// directory too.
	listLife = 20 * time.Second

	// maxDrawing is how long a line that is written beside the prompt waits
	// for the prompt to be drawn: far longer than that takes, unless the
	// editor is gone.
	maxDrawing = time.Second

	// maxNames is how many names of one directory are kept for completion:
	// some 20 MB. A longer directory is completed by its first ones.
	maxNames = 200_000

	// maxDirs is how many directories are kept.
	maxDirs = 64

	// maxMenu is how many candidates are shown: more don't help anybody.
	maxMenu = 120

	// stopWait is how long a process that stops itself waits to be stopped:
	// longer than the kernel needs, shorter than a person minds who has no
	// shell above.
	stopWait = 300 * time.Millisecond

	// maxShownName is how many bytes of a name are shown in a listing: four
	// times what file systems allow.
	maxShownName = 1024

	// whereWait is how long the shell waits to learn where it is.
	whereWait = 5 * time.Second

	// maxPlainPage is how many bytes of a text are shown where there is no
	// program that shows pages.
	maxPlainPage = 1 << 20

	// answerRoom is how many columns a question leaves for its answer.
	answerRoom = 8

	// manyFiles is the number of files from which on not each one is told of.
	manyFiles = 30

	// maxBars is how many bars stand at once.
	maxBars = 8
)
