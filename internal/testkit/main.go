package testkit

import (
	"flag"
	"testing"
)

// Main runs the tests of a package that draws with rapid and returns the exit code.
// Every run draws the same, unless -rapid.seed asks for others. Failures stay out of
// the tree: the seed that a failure prints is enough to repeat it.
func Main(m *testing.M) int {
	flag.Parse()
	_ = flag.Set("rapid.nofailfile", "true")
	if seed := flag.Lookup("rapid.seed"); seed != nil && seed.Value.String() == "0" {
		_ = flag.Set("rapid.seed", "20260101")
	}
	return m.Run()
}
