package serve

const canKnock = true

// knocked reports whether accept would return a connection at once. What has
// come stays in a Linux listener's queue until it is accepted, so with porter.turn
// held an accept behind it doesn't wait.
func (d *porter) knocked() bool { return inputWithin(d.raw, 0) }
