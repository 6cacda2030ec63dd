package proto

// Arrival is how the packets of a connection have come in so far, as far as
// the kernel counts them. On a line that loses packets some come out of order
// long before the rate tells.
type Arrival struct {
	Packets int64 // that carried data or not
	Late    int64 // that came before another which should have come first
}

// ArrivalOf reads it of a TCP socket. ok is false where the system doesn't
// tell, or the connection is none of TCP's.
func ArrivalOf(conn any) (a Arrival, ok bool) { return arrivalOf(conn) }
