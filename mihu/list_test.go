package mihu_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/mihu"
)

// all reads a list and returns the names of its items.
func all(t *testing.T, c *mihu.Client, op string) ([]string, error) {
	t.Helper()
	var names []string
	err := c.Reader().List(context.Background(), op, mihu.Args{}, func(m map[string]any) error {
		names = append(names, fmt.Sprint(m["name"]))
		return nil
	})
	return names, err
}

func names(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprint("Agent ", i))
	}
	return out
}

// pages serves n items as the shape tells, granting at most most per page.
func pages(t *testing.T, n, most int, shape func(page, last, per int, rows []map[string]any) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		page, per := 1, most
		if p, err := strconv.Atoi(q.Get("page")); err == nil {
			page = p
		}
		if p, err := strconv.Atoi(q.Get("per_page")); err == nil {
			per = min(p, most)
		}
		if c := q.Get("cursor"); c != "" {
			page, _ = strconv.Atoi(c)
		}
		last := (n + per - 1) / per
		from, to := min((page-1)*per, n), min(page*per, n)
		reply(200, toJSON(t, shape(page, last, per, numbered(from, to))))(w, r)
	}
}

func TestListShapes(t *testing.T) {
	type m = map[string]any
	shapes := map[string]func(page, last, per int, rows []m) any{
		"p1": func(page, last, per int, rows []m) any {
			return m{"success": true, "data": m{"current_page": page, "last_page": last, "per_page": per, "total": 250, "data": rows}}
		},
		"p2": func(page, last, per int, rows []m) any {
			return m{"data": m{"items": rows, "pagination": m{"current_page": page, "last_page": last, "per_page": per, "total": 250}}}
		},
		"p2 with floats": func(page, last, per int, rows []m) any {
			return m{"data": m{"items": rows, "pagination": m{"current_page": float64(page), "last_page": float64(last)}}}
		},
		"total only": func(page, last, per int, rows []m) any { return m{"data": m{"items": rows, "total": 250}} },
		"beside data": func(page, last, per int, rows []m) any {
			return m{"data": rows, "meta": m{"current_page": page, "last_page": last}}
		},
		"page and size only": func(page, last, per int, rows []m) any {
			return m{"data": m{"data": rows, "current_page": page, "per_page": per}}
		},
		"next page url": func(page, last, per int, rows []m) any {
			var next any
			if page < last {
				next = "https://x.example/?page=2"
			}
			return m{"data": m{"data": rows, "current_page": page, "next_page_url": next}}
		},
		"cursor": func(page, last, per int, rows []m) any {
			if page < last {
				return m{"data": rows, "pagination": m{"next_cursor": strconv.Itoa(page + 1), "has_more": true}}
			}
			return m{"data": rows, "pagination": m{"next_cursor": nil, "has_more": false}}
		},
		"no pager":   func(_, _, _ int, rows []m) any { return m{"data": rows} },
		"bare array": func(_, _, _ int, rows []m) any { return rows },
	}
	for name, shape := range shapes {
		for most, requests := range map[int]int{100: 3, 40: 7, 15: 17, 250: 3} {
			t.Run(fmt.Sprint(name, "/", most), func(t *testing.T) {
				c, _ := serve(t, pages(t, 250, most, shape))
				got, err := all(t, c, "listAgents")
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(names(250), got); d != "" {
					t.Errorf("items (-want +got):\n%s", d)
				}
				if name == "no pager" || name == "bare array" {
					requests++ // only an empty page proves the end
				}
				if name == "page and size only" && 250%min(most, 100) == 0 {
					requests++
				}
				if n := c.Stats()["listAgents"]; n != requests {
					t.Errorf("%d requests, want %d", n, requests)
				}
			})
		}
	}
}

func TestListWithoutPages(t *testing.T) {
	for _, tc := range []struct {
		name, op, body string
		want           int
		requests       int
	}{
		{"documented as unpaged", "listAvailabilityTypes", toJSON(t, map[string]any{"data": numbered(0, 130)}), 130, 1},
		{"page is ignored", "listVoices", toJSON(t, map[string]any{"data": numbered(0, 130)}), 130, 2},
		{"empty", "listAgents", `{"data": {"items": [], "pagination": {"current_page": 1, "last_page": 1, "total": 0}}}`, 0, 1},
		{"null data", "listAgents", `{"data": null}`, 0, 1},
		{"null items", "listAgents", `{"data": {"items": null}}`, 0, 1},
		{"an object for an empty list", "listAgents", `{"data": {}}`, 0, 1},
		{"one page of many names", "listAgents", toJSON(t, map[string]any{"data": map[string]any{"items": numbered(0, 3), "pagination": map[string]any{"current_page": 1, "last_page": 1}}}), 3, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, _ := serve(t, reply(200, tc.body))
			got, err := all(t, c, tc.op)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != tc.want || c.Stats()[tc.op] != tc.requests {
				t.Errorf("%d items in %d requests, want %d in %d", len(got), c.Stats()[tc.op], tc.want, tc.requests)
			}
		})
	}
}

// A service that sends an unpaged list in another order each time is not read
// forever, and nothing comes twice.
func TestListInAnyOrder(t *testing.T) {
	rows := numbered(0, 40)
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		rows = append(rows[7:], rows[:7]...)
		reply(200, toJSON(t, map[string]any{"data": rows}))(w, r)
	})
	got, err := all(t, c, "listConnections")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	want := names(40)
	slices.Sort(want)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("items (-want +got):\n%s", d)
	}
}

// An object that is created meanwhile shifts one item to the next page.
func TestListShifted(t *testing.T) {
	row := func(i int) map[string]any { return numbered(i, i+1)[0] }
	page := func(page int, rows ...map[string]any) http.HandlerFunc {
		return reply(200, toJSON(t, map[string]any{"data": map[string]any{"items": rows, "pagination": map[string]any{"current_page": page, "last_page": 2}}}))
	}
	answer, _ := script(page(1, row(0), row(1)), page(2, row(1), row(2)))
	c, _ := serve(t, answer)
	got, err := all(t, c, "listAgents")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(names(3), got); d != "" {
		t.Errorf("items (-want +got):\n%s", d)
	}
}

func TestListThatDoesNotGetOn(t *testing.T) {
	for name, body := range map[string]string{
		"always the first page": `{"data": {"current_page": 1, "last_page": 3, "data": [{"agent_uuid": "a"}]}}`,
		"same items each page":  `{"data": {"last_page": 3, "data": [{"agent_uuid": "a"}]}}`,
		"same cursor":           `{"data": [{"agent_uuid": "a"}], "pagination": {"next_cursor": "x"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := serve(t, reply(200, body))
			_, err := all(t, c, "listAgents")
			if err == nil || !strings.Contains(err.Error(), "does not turn the page") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestListErrors(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"no list", `{"data": {"rows": []}}`, "no list"},
		{"no data", `{"success": true}`, "no list"},
		{"a string", `{"data": "x"}`, "no list"},
		{"not an object", `"x"`, "no object"},
		{"html", `<html>`, "not valid JSON"},
		{"cut off", `{"data": [{"agent_uuid": "a"}, {"age`, "ends too early"},
		{"cut off after the list", `{"data": [{"agent_uuid": "a"}]`, "ends too early"},
		{"something follows", `{"data": []} x`, "not valid JSON"},
		{"refused after the list", `{"data": [], "success": false, "message": "not now"}`, "not now"},
		{"refused", `{"data": {"error": "message_export_disabled"}, "success": false}`, "message_export_disabled"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, _ := serve(t, reply(200, tc.body))
			_, err := all(t, c, "listAgents")
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want %q in it", err, tc.want)
			}
			asError(t, err)
		})
	}
}

func TestListItemsThatAreNoObjects(t *testing.T) {
	c, _ := serve(t, reply(200, `{"data": ["normal", "fast"]}`))
	var got []any
	err := c.Reader().List(context.Background(), "listVoiceSpeeds", mihu.Args{Path: []string{"v"}}, func(m map[string]any) error {
		got = append(got, m["value"])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]any{"normal", "fast"}, got); d != "" {
		t.Error(d)
	}
}

func TestListStopsWithTheCaller(t *testing.T) {
	answer, asked := script(reply(200, toJSON(t, map[string]any{"data": map[string]any{"items": numbered(0, 50), "pagination": map[string]any{"current_page": 1, "last_page": 9}}})))
	c, _ := serve(t, answer)
	stop, seen := errors.New("stop"), 0
	err := c.Reader().List(context.Background(), "listAgents", mihu.Args{}, func(map[string]any) error {
		if seen++; seen == 3 {
			return stop
		}
		return nil
	})
	if err != stop || seen != 3 || asked() != 1 {
		t.Errorf("error %v after %d items and %d requests, want the caller's after 3 and 1", err, seen, asked())
	}
}

// A page whose connection breaks is read again, and nothing comes twice.
func TestListAfterHalfAPage(t *testing.T) {
	whole := toJSON(t, map[string]any{"data": map[string]any{"items": numbered(0, 60), "pagination": map[string]any{"current_page": 1, "last_page": 1}}})
	answer, asked := script(half(whole[:len(whole)/2]), half(whole[:len(whole)/3]), hangUp, reply(502, "bad"), reply(200, whole))
	c, _ := serve(t, answer)
	got, err := all(t, c, "listAgents")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(names(60), got); d != "" {
		t.Errorf("items (-want +got):\n%s", d)
	}
	// The transport may repeat the one that was hung up by itself.
	if asked() < 5 {
		t.Errorf("%d requests, want 5", asked())
	}
}

// Items are handed on while the page is still arriving.
func TestListStreams(t *testing.T) {
	first := make(chan struct{})
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data": {"items": [{"agent_uuid": "a", "name": "early"},`)
		_ = http.NewResponseController(w).Flush()
		<-first
		fmt.Fprint(w, `{"agent_uuid": "b", "name": "late"}], "pagination": {"current_page": 1, "last_page": 1}}}`)
	})
	var got []string
	err := c.Reader().List(context.Background(), "listAgents", mihu.Args{}, func(m map[string]any) error {
		if got = append(got, m["name"].(string)); len(got) == 1 {
			close(first)
		}
		return nil
	})
	if err != nil || !slices.Equal(got, []string{"early", "late"}) {
		t.Errorf("%q, %v", got, err)
	}
}

// The memory for a list does not grow with its length.
func TestListMemory(t *testing.T) {
	pad := strings.Repeat("x", 10_000)
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		rows := numbered((page-1)*100, page*100)
		for _, row := range rows {
			row["objective"] = pad
		}
		reply(200, toJSON(t, map[string]any{"data": map[string]any{"items": rows, "pagination": map[string]any{"current_page": page, "last_page": 40}}}))(w, r)
	})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most, n := heap(), uint64(0), 0
	err := c.Reader().List(context.Background(), "listAgents", mihu.Args{}, func(map[string]any) error {
		if n++; n%1000 == 0 {
			most = max(most, heap())
		}
		return nil
	})
	if err != nil || n != 4000 {
		t.Fatalf("%d items, %v", n, err)
	}
	if grown := int64(most) - int64(before); grown > 10<<20 {
		t.Errorf("the heap grew by %d bytes while 40 MB were read", grown)
	}
}
