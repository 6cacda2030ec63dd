package doctor

import "context"

// row is one question.
type row struct {
	area, name string
	opens      func(context.Context, *exam) (Finding, error) // makes the session that the others need; its error ends the examination
	look       func(context.Context, *exam) Finding
	file       bool // it needs a file to read
	write      bool // it uploads
}

// table is what is asked, in order: what others lean on comes first.
func table() []row {
	const (
		reach  = "connection"
		data   = "data connections"
		files  = "files"
		many   = "many files"
		upload = "uploads"
	)
	return []row{
		{area: reach, name: "greeting and TLS", opens: connect},
		{area: reach, name: "certificate", opens: certificate},
		{area: reach, name: "login", opens: login},
		{area: reach, name: "other TLS port", opens: otherTLS},
		{area: reach, name: "features", look: features},
		{area: reach, name: "UTF-8", look: unicode},

		{area: data, name: "EPSV", look: extendedPassive},
		{area: data, name: "PASV", look: plainPassive},
		{area: data, name: "PASV address", look: passiveAddress},
		{area: data, name: "active", look: active},
		{area: data, name: "encryption", look: sealed},
		{area: data, name: "TLS session reuse", look: resumed},

		{area: files, name: "MLSD", look: machineList},
		{area: files, name: "LIST", look: readableList},
		{area: upload, name: "own directory", look: ownDirectory, write: true},
		{area: upload, name: "STOR", look: store, write: true},
		{area: files, name: "RETR", look: retrieve, file: true},
		{area: files, name: "SIZE", look: size, file: true},
		{area: files, name: "MDTM", look: modTime, file: true},
		{area: files, name: "REST", look: restart, file: true},
		{area: files, name: "hash", look: hash, file: true},

		{area: many, name: "commands in one write", look: pipelining},
		{area: many, name: "files in one write", look: batches, file: true},

		{area: upload, name: "REST + STOR", look: restartUp, write: true},
		{area: upload, name: "set times", look: setTime, write: true},
		{area: upload, name: "rename replaces", look: replace, write: true},
		{area: upload, name: "UTF-8 names", look: unicodeName, write: true},
		{area: upload, name: "cleaned up", look: cleaned, write: true},
	}
}
