package doctor

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
)

// machineList is MLSD, the only listing that says what it means.
func machineList(ctx context.Context, x *exam) Finding {
	if !x.client.Features().Has("MLST") {
		return Finding{Result: Absent, Found: "not announced: sizes and times come from LIST, which is a guess", Fix: "a server that has it (ProFTPD mod_facts, Pure-FTPd, ferry); vsftpd never will"}
	}
	var text bytes.Buffer
	if err := x.client.ListRaw(ctx, proto.Cmd("MLSD"), &text); err != nil {
		return fails(err, "it is announced in FEAT; the server's log says more")
	}
	n, bad := 0, 0
	for l, err := range list.Read(&text, list.Options{Format: list.MLSx}) {
		if err != nil {
			return fails(err, "")
		}
		if n++; l.Verdict != list.Understood {
			bad++
		}
	}
	if bad > 0 {
		return Finding{Result: Weak, Found: fmt.Sprintf("%d of %d lines are not as RFC 3659 has them", bad, n), Fix: "clients fall back to LIST; ferry does too"}
	}
	return works("%d lines, all understood", n)
}

// readableList is how this client lists, whichever way that is; it also finds
// a file for the questions that need one.
func readableList(ctx context.Context, x *exam) Finding {
	n, odd := 0, 0
	for l, err := range x.client.List(ctx, "") {
		switch {
		case err != nil:
			return fails(err, "the server's log says more")
		case l.Verdict == list.Unknown:
			odd++
		case l.Verdict == list.Understood:
			x.consider(l.Entry)
		}
		if n++; n > maxLook {
			break
		}
	}
	if odd > 0 {
		return Finding{Result: Weak, Found: fmt.Sprintf("%d of %d lines are in no known format", odd, n), Fix: "names in them are not seen by clients: is there a plainer format to choose?"}
	}
	return works("%d lines, all understood", n)
}

// consider takes a file for the sample when it is the smallest that will do.
func (x *exam) consider(e proto.Entry) {
	fits := e.Kind == proto.RegularFile && e.Size >= 2 && e.Size <= maxSample
	if fits && x.dir == "" && (x.file == "" || e.Size < x.size) {
		x.file, x.size = e.Name, e.Size
	}
}

// fetch gets the sample from an offset.
func (x *exam) fetch(ctx context.Context, offset int64) ([]byte, error) {
	var b bytes.Buffer
	_, err := x.client.Retrieve(ctx, x.file, &b, client.Transfer{Offset: offset, Max: maxSample})
	return b.Bytes(), err
}

func retrieve(ctx context.Context, x *exam) Finding {
	text, err := x.fetch(ctx, 0)
	var re *proto.ReplyError
	if errors.As(err, &re) && re.Reply.Code == proto.Refused {
		return Finding{Result: Untold, Found: fmt.Sprintf("%q may not be read: %v", x.file, err), Fix: "name a file that may"}
	}
	if err != nil {
		return fails(err, "the server's log says more")
	}
	if int64(len(text)) != x.size {
		return Finding{Result: Weak, Found: fmt.Sprintf("%q came with %d bytes, and the listing says %d", x.file, len(text), x.size), Fix: "is it being written?"}
	}
	return works("%q, %d bytes", x.file, len(text))
}

func size(ctx context.Context, x *exam) Finding {
	n, err := x.client.Size(ctx, x.file)
	switch {
	case err != nil:
		return extra(err, "downloads can't be told whole from cut ones before they are compared")
	case n != x.size:
		return Finding{Result: Fails, Found: fmt.Sprintf("%d, and the listing says %d", n, x.size), Fix: "is SIZE counted in TYPE A? Transfers can't be verified"}
	}
	return works("%d", n)
}

func modTime(ctx context.Context, x *exam) Finding {
	t, err := x.client.ModTime(ctx, x.file)
	if err != nil {
		return extra(err, "only listings have times, and those without a zone")
	}
	if ahead := time.Until(t); ahead > time.Hour {
		return Finding{Result: Weak, Found: t.Format(time.RFC3339) + ", in the future", Fix: "set the server's clock; MDTM is UTC (vsftpd mdtm_write, use_localtime=NO)"}
	}
	return works("%s", t.Format(time.RFC3339))
}

// extra is a finding about a command that a server need not have.
func extra(err error, loss string) Finding {
	if unknown(err) {
		return Finding{Result: Absent, Found: "not known: " + loss}
	}
	return fails(err, "")
}

// restart fetches the second half and compares it.
func restart(ctx context.Context, x *exam) Finding {
	all, err := x.fetch(ctx, 0)
	if err != nil {
		return Finding{Result: Untold, Found: err.Error()}
	}
	at := int64(len(all)) / 2
	half, err := x.fetch(ctx, at)
	switch {
	case errors.Is(err, client.ErrNoRestart):
		return Finding{Result: Weak, Found: "refused: a download that breaks begins again", Fix: "switch it on (ProFTPD AllowRetrieveRestart)"}
	case err != nil:
		return fails(err, "the server's log says more")
	case !bytes.Equal(half, all[at:]):
		return Finding{Result: Fails, Found: fmt.Sprintf("from byte %d on came other bytes: resumed files are torn", at), Fix: "don't resume here: set resume off; report it to the server's authors"}
	}
	return works("from byte %d on, as the whole file has it", at)
}

// hash asks for the strongest sum that is offered, and checks it.
func hash(ctx context.Context, x *exam) Finding {
	algos := x.client.HashAlgos()
	if len(algos) == 0 {
		return Finding{Result: Absent, Found: "none: files are compared by size", Fix: "a server that has HASH or XSHA256 (ProFTPD mod_digest, ferry)"}
	}
	all, err := x.fetch(ctx, 0)
	if err != nil {
		return Finding{Result: Untold, Found: err.Error()}
	}
	sum, err := x.client.Hash(ctx, x.file, algos[0], 0, 0)
	switch {
	case err != nil:
		return fails(err, "it is announced in FEAT")
	case sum.Hex != digest(algos[0], all):
		return Finding{Result: Fails, Found: fmt.Sprintf("%s of %q is not that of its bytes", algos[0], x.file), Fix: "compare by size: set verify size; report it to the server's authors"}
	}
	return works("%v; %s is right", algos, algos[0])
}

func digest(a client.HashAlgo, text []byte) string {
	switch a {
	case client.SHA512:
		s := sha512.Sum512(text)
		return hex.EncodeToString(s[:])
	case client.SHA256:
		s := sha256.Sum256(text)
		return hex.EncodeToString(s[:])
	case client.SHA1:
		s := sha1.Sum(text)
		return hex.EncodeToString(s[:])
	case client.MD5:
		s := md5.Sum(text)
		return hex.EncodeToString(s[:])
	}
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE(text))
}
