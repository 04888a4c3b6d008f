package apply

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps failures out of the tree: the seed that a failure prints is
// enough to repeat it.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("rapid.nofailfile", "true")
	os.Exit(m.Run())
}
