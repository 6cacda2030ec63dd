package serve

import "context"

// onHangup: Windows sends none.
func onHangup(context.Context, func()) {}
