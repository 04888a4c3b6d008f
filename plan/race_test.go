//go:build race

package plan

// underRace says that the race detector runs, which makes everything many times
// slower.
const underRace = true
