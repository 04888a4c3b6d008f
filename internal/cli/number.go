package cli

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/alecthomas/kong"
)

// numbers makes the parser accept a value with a leading hyphen after a numeric
// flag, such as the -1 of --max-deletes. The parser would take it for a flag.
// The parser's own option for that concerns flags of every type: --out --full
// would then name a file.
//
// A field's tag min is the smallest number that it takes.
func numbers() []kong.Option {
	return []kong.Option{
		kong.KindMapper(reflect.Int, number("a whole number", func(s string) (int, error) { return strconv.Atoi(s) })),
		kong.KindMapper(reflect.Float64, number("a number", finite)),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), number("a duration such as 50ms", time.ParseDuration)),
	}
}

// finite reads a number that is neither infinite nor NaN.
func finite(s string) (float64, error) {
	n, err := strconv.ParseFloat(s, 64)
	if err == nil && (math.IsNaN(n) || math.IsInf(n, 0)) {
		err = strconv.ErrRange
	}
	return n, err
}

// number reads the value of a flag of type T. what names such a value in
// messages.
func number[T int | float64 | time.Duration](what string, parse func(string) (T, error)) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		token := ctx.Scan.Pop()
		if token.IsEOL() {
			return fmt.Errorf("%s is missing", what)
		}
		text := fmt.Sprint(token.Value)
		n, err := parse(text)
		if err != nil {
			return fmt.Errorf("%q is not %s", text, what)
		}
		if least := ctx.Value.Tag.Get("min"); least != "" {
			bound, err := parse(least)
			if err != nil {
				return err
			}
			if n < bound {
				return fmt.Errorf("must be %s or more, not %s", least, text)
			}
		}
		target.Set(reflect.ValueOf(n).Convert(target.Type()))
		return nil
	}
}
