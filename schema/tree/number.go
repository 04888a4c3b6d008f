package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// ErrRange marks an error about a number without a value, or with an exponent
// beyond [maxExponent].
var ErrRange = errors.New("a number is out of range")

// maxExponent limits the power of ten of a number's first digit, in both
// directions. It is far beyond what anybody writes, and keeps arithmetic on
// exponents exact.
const maxExponent = 1 << 30

// Canonical brings a tree into the form that all packages use. It changes maps
// and lists in place. An error concerns a number, see [ErrRange], or a leaf that
// JSON does not have.
//
// A number becomes an int64 if it fits. Else it becomes a float64 if the
// shortest text of that float is the same number, and a [json.Number] in a fixed
// notation otherwise. So no digit is lost: 0.1 is a float64; 2^64+1 and 1e400
// are a json.Number.
func Canonical(v any) (any, error) {
	var failed error
	out := Replace(v, func(v any) any {
		switch v.(type) {
		case []any, map[string]any:
			return v
		}
		c, err := scalar(v)
		if err != nil && failed == nil {
			failed = err
		}
		return c
	})
	if failed != nil {
		return nil, failed
	}
	return out, nil
}

// scalar does what [Canonical] does, for a value that is no map or list.
func scalar(leaf any) (any, error) {
	switch v := leaf.(type) {
	case nil, bool, string, int64:
		return leaf, nil
	case json.Number:
		return Number(string(v))
	case float64:
		switch whole := math.Trunc(v); {
		case math.IsNaN(v) || math.IsInf(v, 0):
			return nil, ErrRange
		case v != whole:
			return leaf, nil
		case math.Abs(v) < 1<<53:
			return int64(v), nil
		}
		return Number(strconv.FormatFloat(v, 'e', -1, 64))
	case int:
		return int64(v), nil
	}
	return nil, fmt.Errorf("a value of type %T has no JSON form", leaf)
}

// Number reads a decimal number of JSON or CUE. Its error wraps [ErrRange].
func Number(text string) (any, error) {
	if n, ok := integer(text); ok {
		return n, nil
	}
	d, ok := parseDecimal(text)
	if !ok {
		return nil, fmt.Errorf("%w: %.40q", ErrRange, text)
	}
	plain := d.String()
	if n, ok := integer(plain); ok {
		return n, nil
	}
	if f, err := strconv.ParseFloat(plain, 64); err == nil {
		if same, _ := parseDecimal(strconv.FormatFloat(f, 'e', -1, 64)); same == d {
			return f, nil
		}
	}
	return json.Number(plain), nil
}

// integer reads a number that is written without a fraction or an exponent. It makes
// no error of another one, because most numbers that fail here are fractions.
func integer(text string) (int64, bool) {
	if strings.ContainsAny(text, ".eE") {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// Float returns the float64 nearest to a canonical number, and false if v is no
// number. A number that is too large becomes infinite.
func Float(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case json.Number:
		f, _ := v.Float64() // its only error is about the range
		return f, true
	}
	return 0, false
}

// Whole says whether a canonical number has no fraction.
func Whole(v any) bool {
	switch v := v.(type) {
	case int, int64:
		return true
	case float64:
		return v == math.Trunc(v)
	case json.Number:
		d, ok := parseDecimal(string(v))
		return ok && d.point >= int64(len(d.digits))
	}
	return false
}

// decimal is a number by its digits: 0.digits times ten to the power of point.
// Its first and last digit are not 0; zero has no digits.
type decimal struct {
	negative bool
	digits   string
	point    int64
}

func parseDecimal(text string) (decimal, bool) {
	var d decimal
	rest, negative := strings.CutPrefix(text, "-")
	mantissa, exponent := rest, ""
	if i := strings.IndexAny(rest, "eE"); i >= 0 {
		mantissa, exponent = rest[:i], rest[i+1:]
		n, err := strconv.ParseInt(exponent, 10, 64)
		if err != nil {
			return d, false
		}
		d.point = n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return d, false
	}
	stripped := strings.TrimLeft(digits, "0")
	if stripped == "" {
		return decimal{}, true
	}
	if d.point > 2*maxExponent || d.point < -2*maxExponent {
		return d, false
	}
	d.point += int64(len(whole) - (len(digits) - len(stripped)))
	d.digits, d.negative = strings.TrimRight(stripped, "0"), negative
	return d, d.point <= maxExponent && d.point >= -maxExponent
}

// maxPlain is the largest length of a number that is written without an
// exponent.
const maxPlain = 40

// String returns the number in its one notation: plain if that is short, else
// with one digit before the point.
func (d decimal) String() string {
	if d.digits == "" {
		return "0"
	}
	sign, n := "", int64(len(d.digits))
	if d.negative {
		sign = "-"
	}
	switch {
	case d.point >= n && d.point <= maxPlain:
		return sign + d.digits + strings.Repeat("0", int(d.point-n))
	case d.point > 0 && d.point < n:
		return sign + d.digits[:d.point] + "." + d.digits[d.point:]
	case d.point <= 0 && d.point > -6:
		return sign + "0." + strings.Repeat("0", int(-d.point)) + d.digits
	}
	text := sign + d.digits[:1]
	if n > 1 {
		text += "." + d.digits[1:]
	}
	return text + "e" + strconv.FormatInt(d.point-1, 10)
}

// Decode reads exactly one JSON value in canonical form. Its errors come from
// encoding/json or [Canonical], or say that more follows the value.
func Decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON value")
	}
	return Canonical(v)
}
