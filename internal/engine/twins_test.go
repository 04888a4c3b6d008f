package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema/tree"
)

// TestTwinsAreTold lets the service have two rules of one name. The error says whether
// they are equal and which one is the youngest, or in what they differ.
func TestTwinsAreTold(t *testing.T) {
	for _, c := range []struct {
		second int
		want   string
	}{
		{5, "They are equal in all that was read, and "},
		{6, "They differ in max_total_calls."},
	} {
		w := newWorld(t)
		var second string
		for _, calls := range []int{5, c.second} {
			v, err := w.client.Do(context.Background(), "createCampaignRule", mihu.Args{}, map[string]any{"name": "Desk", "type": "call", "max_total_calls": calls})
			if err != nil {
				t.Fatal(err)
			}
			second, _ = v.(map[string]any)["uuid"].(string)
		}
		w.edit = func(_ string, data any) any { // the sandbox made both within a second
			for v := range tree.Values(data) {
				if m, ok := v.(map[string]any); ok && m["created_at"] != nil {
					m["created_at"] = "2026-11-25T12:00:00Z"
					if m["uuid"] == second {
						m["created_at"] = "2026-11-25T12:00:01Z"
					}
				}
			}
			return data
		}
		_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(`campaign_rules: desk: {name: "Desk", type: "call", max_total_calls: 3}`), engine.PlanOptions{})
		e, refused := err.(*plan.Error)
		if !refused || len(e.Problems) != 1 || !strings.Contains(e.Problems[0].Detail, c.want) {
			t.Fatalf("%d: %v, %+v", c.second, err, e.Problems)
		}
		if c.second == 5 && !strings.Contains(e.Problems[0].Detail, second+" is the youngest, created ") {
			t.Errorf("%s was created last: %s", second, e.Problems[0].Detail)
		}
	}
}

// made creates an object and returns its id.
func (w *world) made(op string, body map[string]any, path ...string) string {
	w.Helper()
	v, err := w.client.Do(context.Background(), op, mihu.Args{Path: path}, body)
	if err != nil {
		w.Fatal(err)
	}
	m, _ := v.(map[string]any)
	for _, key := range []string{"uuid", "agent_uuid"} {
		if id, ok := m[key].(string); ok {
			return id
		}
	}
	w.Fatalf("%s answered without an id: %v", op, v)
	return ""
}

// born lets the service say that it created objects in an order, a second apart. With a
// nil order it does not say when.
func (w *world) born(order []string) {
	w.edit = func(_ string, data any) any {
		for v := range tree.Values(data) {
			m, ok := v.(map[string]any)
			if !ok {
				continue
			}
			delete(m, "created_at")
			for i, id := range order {
				if m["uuid"] == id || m["agent_uuid"] == id {
					m["created_at"] = fmt.Sprintf("2026-11-25T12:00:%02dZ", i)
				}
			}
		}
		return data
	}
}

// removing plans with RemoveTwins. It returns the ids that the plan deletes, the reasons,
// and the detail of the error.
func (w *world) removing(body string) (gone, why []string, refused string) {
	w.Helper()
	p, err := engine.Plan(context.Background(), w.client.Reader(), w.load(body), w.options(plan.Options{RemoveTwins: true}))
	if e, ok := err.(*plan.Error); ok {
		if len(e.Problems) != 1 || strings.Contains(e.Problems[0].Suggestion, "--remove-twins") {
			w.Errorf("%+v", e.Problems)
		}
		return nil, nil, e.Problems[0].Detail
	}
	if err != nil {
		w.Fatal(err)
	}
	for _, op := range p.Ops {
		gone = append(gone, fmt.Sprint(op.Path[len(op.Path)-1]))
	}
	for _, ch := range p.Changes {
		if ch.Action != plan.Unmanaged {
			why = append(why, fmt.Sprintf("%s %s", ch.Action, ch.Notes[0].Text))
		}
	}
	return gone, why, ""
}

// TestTwinsAreRemoved lets the service have three equal tags. The oldest stays, and
// without a time nobody knows which one that is.
func TestTwinsAreRemoved(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for range 3 {
		ids = append(ids, w.made("createContactTag", map[string]any{"name": "VIP"}))
	}
	body := `contact_tags: vip: name: "VIP"`
	w.born([]string{ids[1], ids[0], ids[2]})
	gone, why, refused := w.removing(body)
	slices.Sort(gone)
	want := []string{ids[0], ids[2]}
	slices.Sort(want)
	if !slices.Equal(gone, want) || refused != "" {
		t.Errorf("gone %v, not %v: %s", gone, want, refused)
	}
	for _, text := range why {
		if text != "delete twin of "+ids[1]+", created later" {
			t.Error(text)
		}
	}
	for want, order := range map[string][]string{"does not show which one it created first": nil, "created them at the same time": ids[:0]} {
		w.born(order)
		if order != nil {
			w.edit = func(_ string, data any) any {
				for v := range tree.Values(data) {
					if m, ok := v.(map[string]any); ok && m["created_at"] != nil {
						m["created_at"] = "2026-11-25T12:00:00Z"
					}
				}
				return data
			}
		}
		if gone, _, refused := w.removing(body); len(gone) > 0 || !strings.Contains(refused, want) {
			t.Errorf("gone %v: %s", gone, refused)
		}
	}
}

// TestTwinsInUseStay lets a schedule that no file declares use one of two equal types,
// and then both. Who uses one is read for that.
func TestTwinsInUseStay(t *testing.T) {
	w := newWorld(t)
	older := w.made("createAvailabilityType", map[string]any{"name": "Visit"})
	younger := w.made("createAvailabilityType", map[string]any{"name": "Visit"})
	w.made("createSchedule", map[string]any{"name": "Desk", "availability_type_uuid": younger})
	body := `availability_types: visit: name: "Visit"`
	for _, order := range [][]string{nil, {older, younger}} {
		w.born(order)
		gone, why, refused := w.removing(body)
		if !slices.Equal(gone, []string{older}) || !strings.Contains(strings.Join(why, ""), `the schedule "Desk" refers`) {
			t.Errorf("gone %v, %v: %s", gone, why, refused)
		}
		if earlier := strings.Contains(strings.Join(why, ""), "created earlier"); earlier != (order != nil) {
			t.Error(why)
		}
	}
	w.made("createSchedule", map[string]any{"name": "Bay", "availability_type_uuid": older})
	if gone, _, refused := w.removing(body); len(gone) > 0 || !strings.Contains(refused, "more than one is in use") {
		t.Errorf("gone %v: %s", gone, refused)
	}
}

// TestTwinAgents compares what is nested in two agents, and keeps what is bound to one.
func TestTwinAgents(t *testing.T) {
	w := newWorld(t)
	older := w.made("createAgent", map[string]any{"name": "Desk", "role": "Clerk"})
	younger := w.made("createAgent", map[string]any{"name": "Desk", "role": "Clerk"})
	other := w.made("createAgent", map[string]any{"name": "Night"})
	body := `agents: desk: {name: "Desk", role: "Clerk"}`
	w.born([]string{older, younger, other})
	if gone, why, refused := w.removing(body); !slices.Equal(gone, []string{younger}) {
		t.Fatalf("gone %v, %v: %s", gone, why, refused)
	}
	rule := map[string]any{"name": "Law", "when_condition": "Law.", "then_action": "end_conversation"}
	w.made("addGuardRule", rule, younger)
	if gone, _, refused := w.removing(body); len(gone) > 0 || !strings.Contains(refused, "They differ in what is nested in them") {
		t.Errorf("gone %v: %s", gone, refused)
	}
	w.made("addGuardRule", rule, older)
	if gone, _, refused := w.removing(body); !slices.Equal(gone, []string{younger}) {
		t.Errorf("gone %v: %s", gone, refused)
	}
	w.do("assignAgentEvaluate", nil, younger) // what no file declares is compared too
	if gone, _, refused := w.removing(body); len(gone) > 0 || !strings.Contains(refused, "They differ in") {
		t.Errorf("gone %v: %s", gone, refused)
	}
	w.do("assignAgentEvaluate", nil, older)
	if gone, _, refused := w.removing(body); !slices.Equal(gone, []string{younger}) {
		t.Errorf("gone %v: %s", gone, refused)
	}
	w.do("updateAgent", map[string]any{"objective": "Passes on to " + younger + "."}, other)
	if gone, why, refused := w.removing(body); !slices.Equal(gone, []string{older}) || !strings.Contains(strings.Join(why, ""), `the agent "Night" refers`) {
		t.Errorf("gone %v, %v: %s", gone, why, refused)
	}
}

// TestTwinOfAPin keeps the twin of an object that a declaration pins: it is another
// object, which no file declares.
func TestTwinOfAPin(t *testing.T) {
	w := newWorld(t)
	a := w.made("createContactTag", map[string]any{"name": "VIP"})
	b := w.made("createContactTag", map[string]any{"name": "VIP"})
	w.born([]string{a, b})
	if gone, _, refused := w.removing(`contact_tags: vip: {name: "VIP", uuid: "` + a + `"}`); len(gone) > 0 || refused != "" {
		t.Errorf("gone %v: %s", gone, refused)
	}
}

// TestTwinOfAChangedObject changes the object that stays right before its twin goes: the
// two are no twins any more, so nothing goes.
func TestTwinOfAChangedObject(t *testing.T) {
	for name, change := range map[string]func(w *world, id string){
		"changed": func(w *world, id string) { w.do("updateContactTag", map[string]any{"color": "#ff0000"}, id) },
		"gone":    func(w *world, id string) { w.do("deleteContactTag", nil, id) },
		"":        func(*world, string) {},
	} {
		w := newWorld(t)
		a := w.made("createContactTag", map[string]any{"name": "VIP"})
		b := w.made("createContactTag", map[string]any{"name": "VIP"})
		w.born([]string{a, b})
		p := w.plan(`contact_tags: vip: name: "VIP"`, w.options(plan.Options{RemoveTwins: true}))
		res := w.run(p, func(*plan.Op) { change(w, a) })
		if name != "" {
			w.refusedAsStale(res, "contact_tags/vip-2")
		} else if done, _ := res.Wrote("contact_tags/vip-2"); !done {
			t.Errorf("the twin is still there: %+v", res.Outcomes)
		}
	}
}
