package data

import "ferry/proto"

// This file alone names all the layers.

// newModeWriter returns the sending side of a mode.
func newModeWriter(out *outbox, o Options) frameWriter {
	switch o.Params.Mode {
	case proto.Block:
		return newBlockWriter(out)
	case proto.Compressed:
		return newCompressedWriter(out, filler(o))
	case proto.Deflate:
		d := newDeflater(out, o.Level)
		return &deflateWriter{newStreamWriter(d, o), d}
	}
	return newStreamWriter(out, o)
}

func newStreamWriter(out flusher, o Options) frameWriter {
	if o.Params.Stru == proto.Record {
		return &escapeWriter{out: out}
	}
	return &streamWriter{out: out}
}

// newModeReader returns the receiving side of a mode.
func newModeReader(in input, o Options) frameReader {
	switch o.Params.Mode {
	case proto.Block:
		return newBlockReader(in)
	case proto.Compressed:
		return newCompressedReader(in, filler(o))
	case proto.Deflate:
		z := &inflater{in: in}
		return &deflateReader{newStreamReader(z, o), z}
	}
	return newStreamReader(in, o)
}

func newStreamReader(in peeker, o Options) frameReader {
	if o.Params.Stru == proto.Record {
		return &escapeReader{in: in}
	}
	return &streamReader{in: in}
}

// newSender puts structure and type above a mode.
func newSender(mode frameWriter, o Options) (sender, error) {
	text := o.Params.Type.Text()
	var s sender
	switch {
	case o.Params.Stru == proto.Page:
		return newPageSender(mode, o)
	case o.Params.Stru == proto.Record && text:
		s = &recordSender{mode: mode, eol: lineEnd(o)}
	case o.Params.Stru == proto.Record:
		return &rdwSender{mode: mode}, nil
	default:
		s = fileSender{mode}
	}
	switch o.Params.Type.Code {
	case proto.ASCII:
		s = &asciiSender{down: s}
	case proto.EBCDIC:
		s = &ebcdicSender{down: s, table: o.CodePage.table()}
	}
	return s, nil
}

// newReceiver puts structure and type above a mode.
func newReceiver(mode frameReader, o Options) receiver {
	text := o.Params.Type.Text()
	var r receiver
	switch {
	case o.Params.Stru == proto.Page:
		return newPageReceiver(mode, o)
	case o.Params.Stru == proto.Record && text:
		r = &recordReceiver{mode: mode, eol: lineEnd(o)}
	case o.Params.Stru == proto.Record:
		return &rdwReceiver{mode: mode}
	default:
		r = &fileReceiver{mode: mode}
	}
	switch o.Params.Type.Code {
	case proto.ASCII:
		r = newASCIIReceiver(r)
	case proto.EBCDIC:
		if o.Params.Type.Form != proto.NonPrint {
			r = newEffectsReceiver(r)
		}
		r = &ebcdicReceiver{up: r, table: o.CodePage.table()}
	}
	return r
}

// lineEnd is what ends a line on the wire in a text type.
func lineEnd(o Options) []byte {
	if o.Params.Type.Code == proto.EBCDIC {
		return []byte{ebcdicNL}
	}
	return crlf
}
