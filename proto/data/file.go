package data

import "io"

// fileSender is STRU F: there is no structure. RFC 959 §3.1.2.1.
type fileSender struct {
	mode frameWriter
}

func (f fileSender) Write(p []byte) (int, error) { return f.mode.Write(p) }
func (f fileSender) clean([]byte) int            { return 0 }
func (f fileSender) Close() error                { return f.mode.Close() }

// fileReceiver is the other side. Record ends that a peer sends all the same
// mean nothing.
type fileReceiver struct {
	mode   frameReader
	inside bool // in a record
}

func (f *fileReceiver) clean() bool { return true }

func (f *fileReceiver) Read(p []byte) (int, error) {
	for {
		if !f.inside {
			if err := f.mode.Next(); err != nil {
				return 0, err
			}
			f.inside = true
		}
		n, err := f.mode.Read(p)
		if err == io.EOF {
			f.inside, err = false, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}
