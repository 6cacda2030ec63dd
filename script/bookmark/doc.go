// Package bookmark is names for servers, and what other programs have noted of
// servers.
//
//	bookmark.go   a bookmark, and the text file that holds many
//	import.go     which program a file is from, and what is taken over
//	filezilla.go  sitemanager.xml
//	winscp.go     WinSCP.ini, whose passwords are only veiled
//	lines.go      the bookmarks of lftp and ncftp, and .netrc
//
// Nothing here opens files or asks anybody: bytes come in, bookmarks go out.
// A password is dropped unless the caller wants it.
package bookmark
