package mihu_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/mihu"
)

func TestCanonicalNumbers(t *testing.T) {
	for text, want := range map[string]any{
		"1": int64(1), "1.0": int64(1), "1e0": int64(1), "10e-1": int64(1), "-0": int64(0), "-0.0": int64(0), "0.5": 0.5, "1e2": int64(100),
		"9223372036854775807": int64(math.MaxInt64), "9223372036854775808": json.Number("9223372036854775808"), "1e400": json.Number("1e400"), "9007199254740993": int64(9007199254740993),
		"9007199254740992.0": int64(1 << 53), "1e300": 1e300, "2.011002e16": int64(20110020000000000), "20110020000000000": int64(20110020000000000), "0.95": 0.95, "1e-999": json.Number("1e-999"),
	} {
		got, err := mihu.Decode(strings.NewReader(text))
		if err != nil || got != want {
			t.Errorf("%s is %T %v (%v), want %T %v", text, got, got, err, want, want)
		}
	}
}

func TestCanonicalValues(t *testing.T) {
	got, err := mihu.Canonical(map[string]any{"a": []any{1, 2.0, json.Number("3.0"), nil, true}, "b": map[string]any{"c": 0.25}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"a": []any{int64(1), int64(2), int64(3), nil, true}, "b": map[string]any{"c": 0.25}}
	if d := cmp.Diff(any(want), got); d != "" {
		t.Error(d)
	}
	for _, bad := range []any{math.NaN(), math.Inf(1), []any{struct{}{}}, map[string]any{"x": json.Number("1e99999999999")}} {
		if v, err := mihu.Canonical(bad); err == nil {
			t.Errorf("%v became %v", bad, v)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"data": [1, 1.0, 1e0, -0.0, "x", null, true]}`, `9007199254740993`, `{"a": {"a": []}}`, `1e999`, `[1] 2`, `{"a`, ``, `"\ud800"`, `{"a": 1, "a": 2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := mihu.Decode(bytes.NewReader(data))
		if err != nil {
			if !errors.Is(err, mihu.ErrInvalidJSON) && !errors.Is(err, mihu.ErrTruncated) && !strings.Contains(err.Error(), "depth") {
				t.Fatalf("error without a kind: %v", err)
			}
			if json.Valid(data) && !strings.Contains(err.Error(), "out of range") {
				t.Fatalf("valid JSON was refused: %v", err)
			}
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q was accepted as %v", data, v)
		}
		checkCanonical(t, v)
		out, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := mihu.Decode(bytes.NewReader(out))
		if err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		if d := cmp.Diff(v, again); d != "" {
			t.Fatalf("not stable:\n%s", d)
		}
	})
}

func checkCanonical(t *testing.T, v any) {
	switch v := v.(type) {
	case nil, bool, string, int64, json.Number:
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
			t.Fatalf("%v is whole and yet a float64", v)
		}
	case []any:
		for _, m := range v {
			checkCanonical(t, m)
		}
	case map[string]any:
		for _, m := range v {
			checkCanonical(t, m)
		}
	default:
		t.Fatalf("%T is not canonical", v)
	}
}
