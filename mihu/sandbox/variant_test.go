package sandbox

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// pages reads a list page by page as its pager says.
func pages(u *user, path string) (names []string, n int) {
	u.t.Helper()
	for page, last := 1, 1; page <= last; page++ {
		data := u.obj("GET", fmt.Sprintf("%s?per_page=10&page=%d", path, page), nil)
		pager := data
		if p := sub(data, "pagination"); p != nil {
			pager = p
		}
		if whole(pager, "current_page") != int64(page) {
			u.t.Fatalf("page %d: %v", page, pager)
		}
		last = int(whole(pager, "last_page"))
		rows := list(data, "items")
		if rows == nil {
			rows = list(data, "data")
		}
		for _, it := range rows {
			names = append(names, text(it.(map[string]any), "name"))
		}
		n++
	}
	return names, n
}

func TestPaging(t *testing.T) {
	for _, v := range []Variants{{}, {PageCap: 4}, {Shuffle: true, PageCap: 7}} {
		u := newUser(t, Options{Variants: v})
		var want []string
		for i := range 23 {
			want = append(want, fmt.Sprint("name ", i))
			u.do("POST", "/agents", obj{"name": want[i]})
			u.do("POST", "/flows", obj{"name": want[i]})
			u.do("POST", "/rules", obj{"name": want[i]})
		}
		size := 10
		if v.PageCap > 0 {
			size = v.PageCap
		}
		for _, path := range []string{"/agents", "/flows", "/rules"} {
			got, n := pages(u, path)
			if wantPages := (23 + size - 1) / size; n != wantPages {
				t.Errorf("%s under %+v: %d pages, want %d", path, v, n, wantPages)
			}
			if v.Shuffle {
				if slices.Equal(got, want) {
					t.Errorf("%s is not shuffled", path)
				}
				slices.Sort(got)
				want := slices.Sorted(slices.Values(want))
				if !slices.Equal(got, want) {
					t.Errorf("%s: pages overlap or leave gaps: %v", path, got)
				}
			} else if !slices.Equal(got, want) {
				t.Errorf("%s: %v", path, got)
			}
		}
		if got := len(u.rows("/agents?page=99")); got != 0 {
			t.Errorf("behind the last page: %d", got)
		}
	}
}

// raw is the body of a request as text.
func (u *user) raw(method, path string, body any) string {
	u.t.Helper()
	_, m := u.call(method, path, body)
	e := encoder{}
	e.value(m)
	return string(e.buf)
}

func TestVariants(t *testing.T) {
	u := newUser(t, Options{Variants: Variants{ListShape: "items", ListShapes: map[string]string{"listVoices": "data"}, NoPager: true}})
	if _, ok := u.obj("GET", "/flows", nil)["items"]; !ok {
		t.Error("ListShape does not apply to an unknown list")
	}
	if _, ok := u.obj("GET", "/voices", nil)["data"]; !ok {
		t.Error("ListShapes does not win")
	}
	if _, ok := u.obj("GET", "/rules", nil)["current_page"]; !ok {
		t.Error("a documented pager must stay")
	}
	if got := u.obj("GET", "/agents", nil); got["pagination"] != nil {
		t.Error("NoPager leaves the agents' pager")
	}

	for form, want := range map[string]string{"": `"role":null`, "empty": `"role":""`, "absent": `"role"`} {
		u := newUser(t, Options{Variants: Variants{EmptyAs: form}})
		raw := u.raw("GET", "/agents/"+u.agent("A"), nil)
		if has := strings.Contains(raw, want); has == (form == "absent") {
			t.Errorf("EmptyAs %q: %s", form, raw)
		}
	}

	s, err := New(Options{Variants: Variants{NumberForm: "1.0", CreateStatus: 200}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, with(t, s).build("POST", "/rules", strings.NewReader(`{"name":"Rule"}`)))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"max_total_calls":10.0,`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}

	u = newUser(t, Options{Variants: Variants{DataError: true}})
	_, m := u.call("GET", "/agents/"+nobody, nil)
	if text(sub(m, "data"), "error") != codeNotFound || m["error"] != nil {
		t.Errorf("DataError: %v", m)
	}

	u = newUser(t, Options{Variants: Variants{MinimalAgentList: true, AgentSettingsFilled: true}})
	at := "/agents/" + u.agent("A")
	row := u.rows("/agents")[0]
	if _, ok := row["intents"]; ok || row["guidelines"] == nil {
		t.Errorf("MinimalAgentList: %v", row)
	}
	for _, source := range []string{"default", "agent"} {
		if got := sub(sub(u.obj("GET", at, nil), "settings"), "evaluation"); got["source"] != source {
			t.Errorf("AgentSettingsFilled: %v, want %s", got["source"], source)
		}
		u.do("PUT", at+"/evaluate", obj{"is_active": true})
	}

	u = newUser(t, Options{Variants: Variants{MaskSecrets: true}})
	at = "/agents/" + u.agent("A") + "/intents"
	i := u.obj("POST", at, obj{"name": "x", "webhook": obj{"url": "https://x.example/", "auth_token": "c4nary"}})
	if raw := u.raw("GET", at, nil); strings.Contains(raw, "c4nary") || sub(i, "webhook")["auth_token"] != mask {
		t.Errorf("MaskSecrets: %s", raw)
	}
}

// TestExtraField: a field nobody described is on every top-level object, can be
// written and survives; others are still refused.
func TestExtraField(t *testing.T) {
	u := newUser(t, Options{Variants: Variants{ExtraFields: true}})
	for path, body := range map[string]obj{"/agents": {"name": "A"}, "/flows": {}, "/contacts/fields": {"name": "F"}, "/rules": {"name": "Rule"}} {
		if got := u.obj("POST", path, body); got[extraField] != extraValue {
			t.Errorf("POST %s: %v", path, got[extraField])
		}
	}
	at := "/agents/" + text(u.rows("/agents")[0], "agent_uuid")
	u.do("PATCH", at, obj{extraField: "mine"})
	u.do("PATCH", at, obj{"role": "r"})
	u.do("POST", at+"/notes", obj{"content": "n"})
	if got := u.obj("GET", at, nil); got[extraField] != "mine" {
		t.Errorf("written and read back: %v", got[extraField])
	}
	loose := u.freely()
	loose.refused("PATCH", at, obj{"x_gamma": "x"}, 422, codeInvalid, "x_gamma")
	loose.refused("PATCH", at, obj{extraField: 1}, 422, codeInvalid, extraField)
	loose.refused("PATCH", at+"/interaction", obj{extraField: "x"}, 422, codeInvalid, extraField)
	plain := newUser(t, Options{}).freely()
	plain.refused("POST", "/agents", obj{"name": "A", extraField: "x"}, 422, codeInvalid, extraField)
}

// TestBareAnswers leaves out of an answer what clients must not rely on.
func TestBareAnswers(t *testing.T) {
	u := newUser(t, Options{Variants: Variants{BareEnvelope: true, EmptyDelete: true}})
	res, body := u.call("GET", "/agents", nil)
	if res.StatusCode != 200 || body["success"] != nil || body["message"] != nil || body["data"] == nil {
		t.Errorf("%d %v", res.StatusCode, body)
	}
	gone, err := u.s.Transport().RoundTrip(u.build("DELETE", "/agents/"+u.agent("Front desk"), nil))
	if err != nil {
		t.Fatal(err)
	}
	gone.Body.Close()
	if gone.StatusCode != 204 || gone.ContentLength > 0 {
		t.Errorf("a delete answers %d with %d bytes", gone.StatusCode, gone.ContentLength)
	}
}

// TestRefillNull stores a value of the service's own where null is sent, and keeps null
// otherwise.
func TestRefillNull(t *testing.T) {
	for _, refill := range []bool{false, true} {
		u := newUser(t, Options{Variants: Variants{RefillNull: refill}})
		at := "/agents/" + u.agent("Desk")
		u.do("PATCH", at, obj{"language": "de", "timezone": "Europe/Berlin"})
		u.do("PATCH", at, obj{"language": nil, "timezone": nil, "role": nil})
		u.do("PATCH", at+"/interaction", obj{"inbound_first_message": nil})
		agent := u.obj("GET", at, nil)
		hello := text(sub(sub(sub(agent, "settings"), "voice"), "interaction"), "inbound_first_message")
		if got := text(agent, "language") == "en" && text(agent, "timezone") == "UTC" && strings.Contains(hello, "Desk"); got != refill {
			t.Errorf("refill %v: %v %v %q", refill, agent["language"], agent["timezone"], hello)
		}
		if agent["role"] != nil {
			t.Errorf("the role is %v", agent["role"])
		}
	}
}

// TestTwins finds every voice's name and every connection's label twice.
func TestTwins(t *testing.T) {
	u := newUser(t, Options{Variants: Variants{Twins: true}})
	for path, key := range map[string]string{"/voices": "name", "/flow/connections": "label"} {
		count := map[string]int{}
		for _, row := range u.rows(path) {
			count[text(row, key)]++
		}
		for name, n := range count {
			if n < 2 {
				t.Errorf("%s: %s is there once", path, name)
			}
		}
	}
}

// TestTiesOfStepsAndStages lists the same items whatever their sequence is.
func TestTiesOfStepsAndStages(t *testing.T) {
	u := newUser(t, Options{Variants: Variants{ShuffleTies: true}})
	at := "/agents/" + u.agent("Desk")
	var steps []any
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		steps = append(steps, obj{"description": name, "order": 1})
		u.do("POST", "/contacts/pipeline", obj{"name": name, "order": 1})
	}
	u.do("PUT", at+"/procedures", obj{"procedures": []any{obj{"name": "Visit", "steps": steps}}})
	seen := map[string]bool{}
	for range 8 {
		procedure := list(u.obj("GET", at, nil), "procedures")[0].(map[string]any)
		var names []string
		for _, s := range list(procedure, "steps") {
			names = append(names, text(s.(map[string]any), "description"))
		}
		seen[strings.Join(names, "")] = true
		slices.Sort(names)
		if got := strings.Join(names, ""); got != "abcdef" {
			t.Fatalf("the steps are %s", got)
		}
	}
	if len(seen) < 2 {
		t.Errorf("the sequence of steps is always %v", seen)
	}
	if got := len(u.rows("/contacts/pipeline")); got != 6 {
		t.Errorf("%d stages", got)
	}
}
