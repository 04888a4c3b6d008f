package cli

// Exit codes of the process.
const (
	exitOK       = 0  // nothing to do, or done
	exitFailed   = 1  // any error without a code of its own
	exitChanges  = 2  // the plan has changes, with --detailed-exitcode
	exitStale    = 3  // the workspace changed since the plan was made
	exitRefused  = 4  // a guard or a policy refused
	exitPartial  = 5  // applied in part
	exitDrift    = 6  // drift found something
	exitUsageErr = 80 // wrong usage
)

// codeError sets the exit code of a command that has said all there is to say.
type codeError int

func (codeError) Error() string { return "" }
