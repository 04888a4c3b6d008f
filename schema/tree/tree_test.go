package tree_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/schema/tree"
)

// TestNumberForms writes one number in several ways, with one result.
func TestNumberForms(t *testing.T) {
	for _, c := range []struct {
		want  any
		texts string
	}{
		{int64(1), "1 1.0 1e0 10e-1 0.1e1 100E-2 1.000"},
		{int64(0), "0 -0 0.0 -0.0 0e99 0e-999999999"},
		{int64(-20), "-20 -2e1 -0.2e2 -20.00"},
		{int64(math.MaxInt64), "9223372036854775807 9223372036854775.807e3 9223372036854775807.0"},
		{int64(math.MinInt64), "-9223372036854775808 -9223372036854775808.0"},
		{int64(9007199254740993), "9007199254740993 9007199254740993.0"},
		{0.1, "0.1 1e-1 0.10 100e-3"},
		{1e300, "1e300 10e299"},
		{1e22, "1e22 10000000000000000000000"},
		{json.Number("9223372036854775808"), "9223372036854775808 9223372036854775808.0 9.223372036854775808e18"},
		{json.Number("18446744073709551617"), "18446744073709551617 18446744073709551617.00 184467440737095516170e-1"},
		{json.Number("0.1000000000000000000001"), "0.1000000000000000000001 1000000000000000000001e-22"},
		{json.Number("1e400"), "1e400 1E+400 10e399 0.1e401"},
		{json.Number("-1e-999"), "-1e-999 -0.1e-998"},
		{json.Number("1.5e999"), "1.5e999 15e998"},
	} {
		for text := range strings.FieldsSeq(c.texts) {
			if got, err := tree.Number(text); err != nil || got != c.want {
				t.Errorf("%s is %T %v (%v), want %T %v", text, got, got, err, c.want, c.want)
			}
		}
	}
	for _, text := range []string{"", "-", ".", "x", "1e", "0x10", "1e99999999999999999999", "1e2147483649", "--1", "1.2.3"} {
		if got, err := tree.Number(text); !errors.Is(err, tree.ErrRange) {
			t.Errorf("%q is %v (%v)", text, got, err)
		}
	}
}

// FuzzNumber holds any JSON number to its exact value, and to one form only.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1", "-0.0", "1e22", "18446744073709551617", "0.1", "1e-7", "123456789012345678901234567890.5e-3", "1e400", "5e-324", "1.7976931348623157e308"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) || len(text) > 300 {
			return // no input of this test
		}
		v, err := tree.Decode([]byte(text))
		if err != nil {
			return // no input of this test
		}
		switch v.(type) {
		case int64, float64, json.Number:
		default:
			return // no input of this test
		}
		out, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		want, ok := new(big.Rat).SetString(strings.TrimSpace(text))
		got, ok2 := new(big.Rat).SetString(string(out))
		if ok && ok2 && want.Cmp(got) != 0 {
			t.Fatalf("%s became %s", text, out)
		}
		again, err := tree.Decode(out)
		if err != nil || again != v {
			t.Fatalf("%s is %T %v and then %T %v (%v)", text, v, v, again, again, err)
		}
	})
}

func sample() any {
	return map[string]any{"b": []any{int64(1), "x", map[string]any{"k": nil}}, "a": true}
}

// TestAll visits in a fixed order, with paths.
func TestAll(t *testing.T) {
	var got []string
	for at, v := range tree.All(sample()) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, at.String()+" "+string(text)+" "+strings.Join(at.Parts(), "/"))
	}
	want := []string{
		` {"a":true,"b":[1,"x",{"k":null}]} `, `a true a`, `b [1,"x",{"k":null}] b`, `b[0] 1 b/0`, `b[1] "x" b/1`,
		`b[2] {"k":null} b/2`, `b[2].k null b/2/k`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("visited %q, want %q", got, want)
	}
	seen := 0
	for range tree.All(sample()) {
		if seen++; seen == 2 {
			break
		}
	}
}

// TestMap replaces and renames in a copy; Replace does so in place.
// Values visits the same values in the same order as All, and a visit of a value
// from the API allocates nothing.
func TestValues(t *testing.T) {
	v := map[string]any{"b": []any{1, map[string]any{"y": "z", "x": nil}}, "a": "text", "c": map[string]any{}}
	var all, values []any
	for _, e := range tree.All(v) {
		all = append(all, e)
	}
	for e := range tree.Values(v) {
		values = append(values, e)
	}
	if !reflect.DeepEqual(all, values) {
		t.Errorf("visited %v, want %v", values, all)
	}
	for e := range tree.Values(v) {
		if e == "text" {
			break // a loop may end early
		}
	}
	n := 0
	if got := testing.AllocsPerRun(10, func() {
		for range tree.Values(v) {
			n++
		}
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func TestMap(t *testing.T) {
	edit := func(v any) any {
		switch v := v.(type) {
		case string:
			return v + "!"
		case map[string]any:
			if e, there := v["k"]; there {
				delete(v, "k")
				v["$k"] = e
			}
		}
		return v
	}
	want := map[string]any{"b": []any{int64(1), "x!", map[string]any{"$k": nil}}, "a": true}
	from := sample()
	if got := tree.Map(from, edit); !reflect.DeepEqual(got, any(want)) || !reflect.DeepEqual(from, sample()) {
		t.Errorf("got %v, and %v is left", got, from)
	}
	if got := tree.Replace(from, edit); !reflect.DeepEqual(got, any(want)) || !reflect.DeepEqual(from, any(want)) {
		t.Errorf("in place %v, and %v is left", got, from)
	}
	if got := tree.Copy(map[string]any(nil)); got.(map[string]any) != nil {
		t.Errorf("nil became %v", got)
	}
}

// TestEqual compares by value.
func TestEqual(t *testing.T) {
	type leaf struct{ a, b string }
	for _, c := range []struct {
		a, b any
		want bool
	}{
		{int64(1), 1.0, true}, {1, json.Number("1e0"), true}, {int64(1), "1", false}, {nil, nil, true}, {nil, "", false},
		{json.Number("18446744073709551617"), json.Number("18446744073709551616"), false},
		{json.Number("18446744073709551617"), json.Number("184467440737095516170e-1"), true},
		{sample(), sample(), true}, {[]any{1}, []any{1, 2}, false},
		{map[string]any{"a": nil}, map[string]any{}, false}, {map[string]any{"a": nil}, map[string]any{"b": nil}, false},
		{leaf{"x", ""}, leaf{"x", ""}, true}, {leaf{"x", ""}, leaf{"x", "y"}, false}, {[]any{leaf{}}, []any{nil}, false},
		{[]string{"a"}, []string{"a"}, true},
	} {
		if got := tree.Equal(c.a, c.b); got != c.want {
			t.Errorf("%v and %v: %v", c.a, c.b, got)
		}
	}
}

// TestWhole tells numbers with a fraction from those without.
func TestWhole(t *testing.T) {
	for text, want := range map[string]bool{"1": true, "1.0": true, "1e22": true, "1e400": true, "1.5e400": true, "18446744073709551617": true, "0.5": false, "1e-999": false, "18446744073709551617.5": false, "-3": true} {
		v, err := tree.Number(text)
		if err != nil || tree.Whole(v) != want {
			t.Errorf("%s: %v (%v)", text, !want, err)
		}
		if _, is := tree.Float(v); !is {
			t.Errorf("%s is no number", text)
		}
	}
	if _, is := tree.Float("1"); is || tree.Whole("1") {
		t.Error("a text counts as a number")
	}
}

// TestCanonicalRefuses what JSON does not have.
func TestCanonicalRefuses(t *testing.T) {
	for _, bad := range []any{math.NaN(), math.Inf(1), []any{struct{}{}}, map[string]any{"x": json.Number("y")}} {
		if v, err := tree.Canonical(bad); err == nil {
			t.Errorf("%v became %v", bad, v)
		}
	}
	if _, err := tree.Decode([]byte("1 2")); err == nil {
		t.Error("two values were read as one")
	}
}

// TestRewriteShares replaces values in copies of what holds them, and shares the rest.
func TestRewriteShares(t *testing.T) {
	still := map[string]any{"x": "still"}
	v := map[string]any{"a": []any{map[string]any{"b": "old"}}, "c": still}
	got, changed := tree.Rewrite(v, func(v any) (any, bool) { return "new", v == any("old") })
	if want := map[string]any{"a": []any{map[string]any{"b": "new"}}, "c": map[string]any{"x": "still"}}; !changed || !tree.Equal(got, want) {
		t.Errorf("rewritten to %v", got)
	}
	if !tree.Equal(v, map[string]any{"a": []any{map[string]any{"b": "old"}}, "c": still}) {
		t.Errorf("the original became %v", v)
	}
	still["x"] = "moved"
	if !tree.Equal(got.(map[string]any)["c"], still) {
		t.Error("a container without a change is copied")
	}
	if _, changed := tree.Rewrite(v, func(v any) (any, bool) { return v, false }); changed {
		t.Error("a change that nobody made")
	}
}
