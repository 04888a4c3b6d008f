package flow

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// smallFlows lists every flow of up to n steps beside its trigger, in short form.
func smallFlows(n int, leaves string, conditions string) []string {
	lists := make([][]string, n+1) // by size
	lists[0] = []string{""}
	nodes := make([][]string, n+1)
	for size := 1; size <= n; size++ {
		if size == 1 {
			for _, l := range leaves {
				nodes[1] = append(nodes[1], string(l))
			}
		}
		for then := 0; then < size; then++ {
			for _, c := range conditions {
				for _, x := range lists[then] {
					for _, y := range lists[size-1-then] {
						nodes[size] = append(nodes[size], string(c)+"("+x+"|"+y+")")
					}
				}
			}
		}
		for first := 1; first <= size; first++ {
			for _, x := range nodes[first] {
				for _, rest := range lists[size-first] {
					lists[size] = append(lists[size], x+rest)
				}
			}
		}
	}
	return slices.Concat(lists...)
}

// neighbours lists what one edit makes of a flow in short form, as the API allows
// it: this is the brute force, which knows nothing of matchings.
func neighbours(flow string, leaves, conditions string) []string {
	letters := leaves + conditions
	var out []string
	for i := 0; i <= len(flow); i++ {
		// Add in front of i, which is any place in any list.
		if i == len(flow) || flow[i] != '(' {
			for _, l := range letters {
				step := string(l)
				if strings.ContainsRune(conditions, l) {
					step += "(|)"
				}
				out = append(out, flow[:i]+step+flow[i:])
			}
		}
		if i == len(flow) || !strings.Contains(letters, flow[i:i+1]) {
			continue
		}
		end := i + 1
		if end < len(flow) && flow[end] == '(' {
			for depth := 0; ; {
				switch flow[end] {
				case '(':
					depth++
				case ')':
					depth--
				}
				end++
				if depth == 0 {
					break
				}
			}
		}
		// Delete with everything below.
		out = append(out, flow[:i]+flow[end:])
		// Update to anything else; a condition with children stays one.
		below := flow[i+1 : end]
		for _, l := range letters {
			condition := strings.ContainsRune(conditions, l)
			if byte(l) == flow[i] || !condition && below != "" && below != "(|)" {
				continue
			}
			switch {
			case condition && below != "":
				out = append(out, flow[:i]+string(l)+below+flow[end:])
			case condition:
				out = append(out, flow[:i]+string(l)+"(|)"+flow[end:])
			default:
				out = append(out, flow[:i]+string(l)+flow[end:])
			}
		}
	}
	return out
}

// Every flow into every other: the script leads there, no shorter one does, and
// the same holds, but for the length, where the API cannot add in front of a
// branch. MIHUSYNC_EXHAUSTIVE=1 takes all flows of six steps, their trigger
// included; otherwise those are taken in a sample.
func TestFlowEditsExhaustively(t *testing.T) {
	full := os.Getenv("MIHUSYNC_EXHAUSTIVE") != ""
	for _, tt := range []struct {
		name               string
		leaves, conditions string
		steps, every       int
	}{
		{"two apps and conditions", "ab", "c", 3, 1},
		{"two configs and conditions", "aA", "c", 3, 1},
		{"two configs of conditions", "a", "cC", 3, 1},
		{"five steps", "a", "c", 4, 1},
		{"six steps", "a", "c", 5, 101},
		{"six steps of three sorts", "ab", "c", 5, 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// All pairs of three sorts of steps are sixty million.
			every, full := tt.every, full && len(tt.leaves+tt.conditions) < 3
			if full {
				every = 1
			}
			flows := smallFlows(tt.steps, tt.leaves, tt.conditions)
			index := make(map[string]int, len(flows))
			for i, f := range flows {
				index[f] = i
			}
			edges := make([][]int, len(flows))
			for i, f := range flows {
				for _, g := range neighbours(f, tt.leaves, tt.conditions) {
					if j, ok := index[g]; ok {
						edges[i] = append(edges[i], j)
					}
				}
				slices.Sort(edges[i])
				edges[i] = slices.Compact(edges[i])
			}
			pair := 0
			for i, from := range flows {
				if !full && tt.every > 1 && i%37 != 0 {
					continue
				}
				least := distances(edges, i)
				for j, to := range flows {
					if pair++; !full && tt.every > 1 && pair%every != 0 {
						continue
					}
					checkScript(t, from, to, least[j], true)
					if full || pair%5 == 0 {
						checkScript(t, from, to, 0, false)
					}
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}

func distances(edges [][]int, from int) []int {
	out := make([]int, len(edges))
	for i := range out {
		out[i] = -1
	}
	out[from] = 0
	for queue := []int{from}; len(queue) > 0; queue = queue[1:] {
		for _, j := range edges[queue[0]] {
			if out[j] < 0 {
				out[j] = out[queue[0]] + 1
				queue = append(queue, j)
			}
		}
	}
	return out
}

func checkScript(t *testing.T, from, to string, least int, head bool) {
	t.Helper()
	live, want := parseFlow(from, "l", true), parseFlow(to, "w", false)
	script := Edits(live, want, Env{}, head)
	m := newModel(live, head)
	uuids, err := m.run(script)
	if err != nil {
		t.Errorf("%q to %q: %v in %v", from, to, err, script.Edits)
		return
	}
	if got, want := m.String(), wantedModel(want, uuids); got != want {
		t.Errorf("%q to %q: %v\ngot  %s\nwant %s", from, to, script.Edits, got, want)
	}
	if head && len(script.Edits) != least {
		t.Errorf("%q to %q: %d edits, %d are enough: %v", from, to, len(script.Edits), least, script.Edits)
	}
	for i, s := range script.Steps.List() {
		if s.Position != i+1 || s.UUID != "" && s.UUID != uuids[s.ID] {
			t.Errorf("%q to %q: predicted %+v", from, to, s)
		}
	}
}
