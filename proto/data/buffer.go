package data

import "sync"

// buffer is a pooled piece of memory. data[pos:] is what it holds.
type buffer struct {
	data []byte
	pos  int
}

var buffers = sync.Pool{New: func() any { return &buffer{data: make([]byte, 0, bufferSize)} }}

func newBuffer() *buffer { return buffers.Get().(*buffer) }

func (b *buffer) free() {
	b.data, b.pos = b.data[:0], 0
	buffers.Put(b)
}

// all is the whole room, for callers that read into it.
func (b *buffer) all() []byte { return b.data[:cap(b.data)] }

// rest is what is held and was not consumed.
func (b *buffer) rest() []byte { return b.data[b.pos:] }

// room is how many bytes may still be appended.
func (b *buffer) room() int { return cap(b.data) - len(b.data) }
