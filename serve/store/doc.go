// Package store says where a server's files live: a contract, and back ends
// that keep it. It knows no users (an upload has an owner, which is a word), no
// permissions but the system's, and no FTP.
//
//	store.go       Store, File, Upload: the contract
//	errors.go      what can go wrong, by meaning
//	names.go       which names are allowed; the names of temporaries
//	limits.go      every bound, with its reason
//	disk.go        Disk: a directory of the host, by os.Root
//	disk_stat.go   … what is there
//	disk_list.go   … directories, streamed
//	disk_open.go   … reading
//	disk_upload.go … uploads: how they begin
//	disk_commit.go … and how they end
//	disk_change.go … all other changes
//	place.go       where an upload goes: links at the end of a name
//	parts.go       temporaries: made, found again, adopted, swept
//	exclusive.go   renames that never replace
//	inuse.go       which files are used by transfers
//	mem*.go        Mem: a store in memory
//	readonly.go    ReadOnly: any store, without its writes
//	system_*.go, errno_*.go, free_*.go: what differs between systems
//	storetest      the contract as tests; every back end runs them
//
// # An upload
//
//	Create ──▶ .ferry-<key>-<n>.part ──Write…──┬─ Commit ──▶ the name, whole
//	             beside the target             ├─ Discard ─▶ stays: the part
//	                                           └─ kill -9 ─▶ stays: the part
//
// The key is a hash of the owner and the target's name, n is a small number:
// the part is found by its name, without reading the directory. While an
// upload runs it holds a lock on its temporary (flock, where there is one), so
// that no other upload, of whatever process, takes it. The temporary is hidden
// from listings, and no client can name it. It vanishes when an upload of the
// same name and owner is committed, with its directory, or after a day.
//
// What replaces a file has its mode and owner, not its extended attributes,
// access lists or other hard links.
//
// # Roots
//
// Disk does everything by os.Root, which lets no path and no link lead out,
// also not while somebody exchanges directories for links. Two things follow.
// Links with an absolute target are refused even where they would lead inside:
// write them relative. And mount points inside the root are part of it.
package store
