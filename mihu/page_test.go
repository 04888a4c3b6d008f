package mihu

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The streaming reader and the plain one agree on what a page holds.
func FuzzDecodePage(f *testing.F) {
	for _, s := range []string{
		`[1, {"a": 1.0}]`, `{"data": [{"uuid": "a"}], "meta": {"current_page": 1, "last_page": 2}}`,
		`{"data": {"items": [1], "pagination": {"current_page": 1.0}}, "success": true}`,
		`{"data": {"data": [], "total": 0, "next_page_url": null}}`, `{"data": null}`, `{"data": {"items": null}}`,
		`{"success": false, "data": {"error": "x"}}`, `{"data": [1`, `{"data": [1]} x`, `{"data": "x"}`, `{"data": [1], "data": [2]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var items []any
		_, err := readPage(bytes.NewReader(data), "", func(v any) error { items = append(items, v); return nil })
		var refused *refusal
		if err != nil {
			if !errors.As(err, &refused) && !errors.Is(err, errShape) && !errors.Is(err, ErrInvalidJSON) && !errors.Is(err, ErrTruncated) && json.Valid(data) {
				t.Fatalf("error without a kind: %v", err)
			}
			return
		}
		whole, err := Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("the page was read, the whole was not: %v", err)
		}
		if lists := listsOf(whole); len(lists) == 1 {
			if d := cmp.Diff(lists[0], append([]any{}, items...)); d != "" && noDoubleKeys(data) {
				t.Fatalf("items (-whole +streamed):\n%s", d)
			}
		}
	})
}

// listsOf finds the arrays that may be the list.
func listsOf(v any) [][]any {
	switch v := v.(type) {
	case []any:
		return [][]any{v}
	case map[string]any:
		switch d := v["data"].(type) {
		case []any:
			return [][]any{d}
		case map[string]any:
			var out [][]any
			for _, key := range []string{"data", "items"} {
				if l, ok := d[key].([]any); ok {
					out = append(out, l)
				}
			}
			return out
		}
	}
	return nil
}

// noDoubleKeys says that no doubled key can hide a list from the plain reader,
// which keeps the last.
func noDoubleKeys(data []byte) bool {
	return bytes.Count(data, []byte(`"data"`)) <= 1 && bytes.Count(data, []byte(`"items"`)) <= 1 && !bytes.Contains(data, []byte(`\u`))
}

func TestReadPageStopsWithTheCaller(t *testing.T) {
	stop := errors.New("stop")
	_, err := readPage(bytes.NewReader([]byte(`{"data": [1, 2]}`)), "", func(any) error { return stop })
	var own *callerError
	if !errors.As(err, &own) || own.err != stop {
		t.Errorf("error %v", err)
	}
}
