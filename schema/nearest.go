package schema

// Nearest finds the candidate that name was probably meant to be, empty if none
// is near enough. Among equals the first wins.
func Nearest(name string, candidates []string) string {
	return nearest(name, candidates)
}
