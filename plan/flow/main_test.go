package flow

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
	if flag.Lookup("rapid.seed").Value.String() == "0" { // the same draws in every run; -rapid.seed=N makes others
		_ = flag.Set("rapid.seed", "20260101")
	}
	os.Exit(m.Run())
}
