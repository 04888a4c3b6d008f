package sandbox

import (
	"strconv"
	"strings"
	"unicode"
)

// snake turns a name into a key. It keeps letters and digits in lower case and
// turns every other run of characters into one underscore.
func snake(name, empty string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(r)
		} else {
			gap = true
		}
	}
	if b.Len() == 0 {
		return empty
	}
	return b.String()
}

// unused appends the first free numeric suffix if the key is taken.
func unused(key string, taken func(string) bool) string {
	if !taken(key) {
		return key
	}
	for n := 2; ; n++ {
		if k := key + "_" + strconv.Itoa(n); !taken(k) {
			return k
		}
	}
}
