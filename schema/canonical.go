package schema

import "encoding/json"

// CanonicalNumber brings a JSON number into normal form: int64 for a whole number
// however it is written, float64 for others.
func CanonicalNumber(n json.Number) any { return canonicalNumber(string(n)) }
