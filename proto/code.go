package proto

import "strconv"

// Code is the number of a reply. RFC 959 §4.2.1.
type Code int

// Codes by meaning. RFC 959 §4.2.2 unless another source is named.
const (
	RestartMark       Code = 110 // MARK yyyy = mmmm
	ReadySoon         Code = 120
	DataAlreadyOpen   Code = 125
	OpeningData       Code = 150
	OK                Code = 200
	Superfluous       Code = 202
	SystemStatus      Code = 211
	DirectoryStatus   Code = 212
	FileStatus        Code = 213
	Help              Code = 214
	SystemType        Code = 215
	Ready             Code = 220
	Closing           Code = 221
	DataOpenIdle      Code = 225
	TransferDone      Code = 226
	PassiveMode       Code = 227
	ExtendedPassive   Code = 229 // RFC 2428
	LoggedIn          Code = 230
	LoggedInSecurely  Code = 232 // RFC 2228: authorised by the security exchange
	SecurityOK        Code = 234 // RFC 2228
	ActionOK          Code = 250
	PathCreated       Code = 257
	NeedPassword      Code = 331
	NeedAccount       Code = 332
	NeedMore          Code = 350
	Unavailable       Code = 421
	CantOpenData      Code = 425
	TransferAborted   Code = 426
	NeedSecurity      Code = 431 // RFC 2228: some unavailable resource for security
	FileBusy          Code = 450
	LocalError        Code = 451
	NoSpace           Code = 452
	Unrecognised      Code = 500
	BadArgument       Code = 501
	NotImplemented    Code = 502
	BadSequence       Code = 503
	BadParameter      Code = 504
	DirectoryExists   Code = 521 // RFC 959 appendix II
	DataInClear       Code = 521 // RFC 4217: no data connection with this PROT
	BadNetwork        Code = 522 // RFC 2428; also: data connection is not bound to its session
	NotLoggedIn       Code = 530
	NeedAccountToSave Code = 532
	ProtRefused       Code = 533 // RFC 2228: protection level denied for policy
	PolicyRefused     Code = 534 // RFC 2228: request denied for policy
	SecurityFailed    Code = 535 // RFC 2228
	ProtUnsupported   Code = 536 // RFC 2228: PROT level not supported by the mechanism
	Refused           Code = 550
	PageTypeUnknown   Code = 551
	QuotaExceeded     Code = 552
	NameRefused       Code = 553
	BadRestart        Code = 554 // RFC 3659 §5.4: REST parameter is invalid for the file
)

// Class is the first digit of a code: what the user end may do next.
type Class int

// RFC 959 §4.2.1.
const (
	Mark  Class = 1 // positive preliminary: another reply follows
	Done  Class = 2 // positive completion
	More  Class = 3 // positive intermediate: another command is wanted
	Retry Class = 4 // transient negative: the same again may work
	Fail  Class = 5 // permanent negative
)

// Class returns the code's class; codes outside 100–599 have class 0.
func (c Code) Class() Class {
	if c < 100 || c > 599 {
		return 0
	}
	return Class(c / 100)
}

func (c Code) String() string { return strconv.Itoa(int(c)) }
