package schema

import (
	"strconv"
	"strings"
)

// nearest finds the candidate that a word was probably meant to be, empty if none
// is close. The first in the order given wins among equals.
func nearest(word string, candidates []string) string {
	limit := max(1, len(word)/3)
	best, bestDistance := "", limit+1
	lower := strings.ToLower(word)
	for _, c := range candidates {
		d := editDistance(lower, strings.ToLower(c))
		if d == 2 && swapped(lower, strings.ToLower(c)) {
			d = 1
		}
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// swapped says whether two words differ in the order of two neighbours only.
func swapped(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i+1 < len(a); i++ {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}

// didYouMean is the suggestion for a misspelt word, empty if nothing is close.
func didYouMean(word string, candidates []string) string {
	if c := nearest(word, candidates); c != "" {
		return "did you mean " + strconv.Quote(c) + "?"
	}
	return ""
}
