package apply

import (
	"context"
	"time"
)

// How often and how long a write is tried until it is given up.
const (
	// attempts bounds how often one write is sent whose answer was lost, and how
	// often an earlier flow is brought back.
	attempts = 3
	// maxRounds bounds how often a flow is read and edited again until it is as
	// wanted. One round does it, a second checks; more are needed when answers are
	// lost or the service places or numbers steps in its own way.
	maxRounds = 8
	// restoreTime bounds how long bringing an earlier flow back may take. It runs on
	// its own time, because the change may have failed by running out of it.
	restoreTime = 3 * time.Minute
)

// again says whether a write that failed is sent once more: nobody knows whether it
// took effect, attempts are left, and the caller still waits. Try counts from 1.
func again(ctx context.Context, err error, try int) bool {
	return lost(err) && try < attempts && ctx.Err() == nil
}
