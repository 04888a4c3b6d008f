package schema

// Nearest finds the candidate that name was probably meant to be, empty if none
// is near enough. Among equals the first wins.
func Nearest(name string, candidates []string) string {
	best, least := "", len(name)/3+2
	for _, c := range candidates {
		if d := editDistance(name, c); d < least {
			best, least = c, d
		}
	}
	return best
}
