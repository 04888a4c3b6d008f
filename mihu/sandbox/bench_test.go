package sandbox

import (
	"fmt"
	"net/http"
	"testing"
)

// crowd is a workspace of n agents with about 20 sub-objects each and a flow per
// five agents.
func crowd(tb testing.TB, n int) *Sandbox {
	tb.Helper()
	s, err := New(Options{})
	if err != nil {
		tb.Fatal(err)
	}
	d := &demo{s: s}
	var lines, notes, training, guards arr
	for i := range 5 {
		lines = append(lines, obj{"content": fmt.Sprint("Guideline ", i, " says what to do in a few words."), "order": int64(i)})
		notes = append(notes, obj{"content": fmt.Sprint("Note ", i)})
		training = append(training, obj{"content": "Question?", "response": "Answer."})
		guards = append(guards, obj{"when_condition": fmt.Sprint("Situation ", i), "then_action": "end_conversation"})
	}
	for i := range n {
		d.do("createAgent", obj{"name": fmt.Sprint("Agent ", i), "role": "Adviser", "objective": "Help.", "guidelines": lines, "notes": notes, "training": training, "guard_rules": guards})
		if i%5 == 0 {
			d.do("createFlow", obj{"name": fmt.Sprint("Flow ", i)})
		}
	}
	if d.err != nil {
		tb.Fatal(d.err)
	}
	return s
}

func get(tb testing.TB, s *Sandbox, path string) int {
	req, err := http.NewRequest(http.MethodGet, "http://x/api/v1"+path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer x")
	res, err := s.Transport().RoundTrip(req)
	if err != nil || res.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %v %v", path, res, err)
	}
	return int(res.ContentLength)
}

// TestListPagesStayCheap: a page costs as many allocations in a large workspace as in a
// small one, which a scan or a copy of the whole list per request does not.
func TestListPagesStayCheap(t *testing.T) {
	cost := func(agents int) float64 {
		s := crowd(t, agents)
		path := fmt.Sprintf("/agents?per_page=100&page=%d", agents/100)
		get(t, s, path) // encoded on first use
		return testing.AllocsPerRun(20, func() { get(t, s, path) })
	}
	small, large := cost(100), cost(1000)
	if large > small+10 {
		t.Errorf("a page of 100 agents takes %v allocations of 1000 agents and %v of 100", large, small)
	}
}

func BenchmarkAgentPage(b *testing.B) {
	s := crowd(b, 10_000)
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		b.SetBytes(int64(get(b, s, fmt.Sprintf("/agents?per_page=100&page=%d", i%100+1))))
	}
}

func BenchmarkUpdateAgent(b *testing.B) {
	s := crowd(b, 10_000)
	d := &demo{s: s}
	id := s.state.of("agents").order[5000].id
	b.ResetTimer()
	for b.Loop() {
		d.do("updateAgent", obj{"role": "x"}, id)
	}
}
