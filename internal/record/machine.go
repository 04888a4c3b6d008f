package record

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"syscall"
)

// machine names what numbers processes here: a start of this machine, and the set of
// processes that this one is in, as a container has its own. It is "" where the system
// does not tell.
func machine() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	set, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.TrimSpace(string(boot)) + set))
	return hex.EncodeToString(sum[:8])
}

// dead says that the holder was a process of this machine and does not exist any more.
func (h Holder) dead() bool {
	if h.Machine == "" || h.Machine != machine() || h.Process <= 0 {
		return false
	}
	p, err := os.FindProcess(h.Process)
	if err == nil {
		err = p.Signal(syscall.Signal(0))
	}
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}
