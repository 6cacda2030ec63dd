// Package from writes scripts of other clients in ferry's language: lftp's,
// WinSCP's, and batches of sftp. It reads text and writes text, and knows
// neither servers nor files.
//
//	text ──a dialect's words──▶ statements ──its verbs──▶ lines of ferry
//
// What can't be said becomes a comment in its place and a Note. Passwords are
// left out: a script is no place for them.
//
//	from.go          Translate, Note
//	write.go         lines, quotes, comments
//	lftp.go          lftp's words and operators; lftp_verbs.go lftp_transfer.go lftp_mirror.go what they mean
//	winscp.go        WinSCP's words; winscp_open.go, winscp_verbs.go, winscp_sync.go
//	sftp.go          batches of sftp
package from
