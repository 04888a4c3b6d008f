package secondopinion

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// drawnSteps writes a flow with steps from a small pool of ids, in any order, with
// up to two levels of branches. Each step says its id and refers to an earlier one.
type drawnSteps struct {
	r    *rand.Rand
	left []string
	want map[string]string // the id of each step, to the one that it refers to
	flat []string
}

func (d *drawnSteps) list(depth, n int, seen []string) string {
	var b strings.Builder
	b.WriteString("[")
	for ; n > 0 && len(d.left) > 0; n-- {
		i := d.r.IntN(len(d.left))
		id := d.left[i]
		d.left = append(d.left[:i:i], d.left[i+1:]...)
		ref := seen[d.r.IntN(len(seen))]
		d.want[id], d.flat = ref, append(d.flat, id)
		config := fmt.Sprintf("config: {tag: %q, ref: \"to {{%s.value}}!\"}", id, ref)
		if strings.HasPrefix(id, "if") { // what an if is, it stays
			then, other := "[]", "[]"
			if depth < 2 {
				then = d.list(depth+1, d.r.IntN(3), append(seen[:len(seen):len(seen)], id))
				other = d.list(depth+1, d.r.IntN(3), append(seen[:len(seen):len(seen)], id))
			}
			fmt.Fprintf(&b, "{id: %q, app: \"Logic\", action: \"if_condition\", %s, then: %s, else: %s},", id, config, then, other)
		} else {
			fmt.Fprintf(&b, "{id: %q, app: \"Texts\", action: \"send_text\", %s},", id, config)
		}
		seen = append(seen[:len(seen):len(seen)], id)
	}
	return b.String() + "]"
}

// A deployed flow becomes another one, step by step, and runs afterwards.
func TestFlowsBecomeOthers(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		r := rand.New(rand.NewPCG(n, 99))
		dir := write(t, "a.cue", head)
		history := ""
		for range 4 {
			d := &drawnSteps{r: r, left: []string{"a", "b", "c", "d", "e", "if1", "if2"}, want: map[string]string{}}
			steps := d.list(0, 2+r.IntN(4), []string{"start"})
			text := head + fmt.Sprintf(`workspace: flows: lead: {
	deployed: true
	trigger: {id: "start", app: "Contacts", event: "contact_created", config: tag: "start", sample: value: "x"}
	steps: %s
}
`, steps)
			history += steps + "\n"
			if err := os.WriteFile(filepath.Join(dir, "a.cue"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if r := p.run(t, dir, "apply", "--yes", dir); r.code != 0 {
				t.Fatalf("after\n%s%v%s", history, r, p.trouble())
			}
			checkFlow(t, p, d, history)
			if r := p.run(t, dir, "plan", "--detailed-exitcode", dir); r.code != 0 {
				t.Fatalf("after\n%s%v", history, r)
			}
			if u := p.Unknown(); len(u) > 0 {
				t.Errorf("no such endpoint: %v", u)
			}
			p.Forget()
		}
	})
}

func checkFlow(t *testing.T, p *place, d *drawnSteps, history string) {
	t.Helper()
	flow := find(p.flows, "name", "lead")
	if flow == nil || flow["status"] != "deployed" {
		t.Fatalf("after\n%sthe flow is not deployed", history)
	}
	steps := flow["_steps"].(list)
	tag := func(i int) string { return str(asObj(steps[i].(obj)["config"])["tag"]) }
	if len(steps) != len(d.flat)+1 {
		t.Fatalf("after\n%sthe flow has %d steps, want %d", history, len(steps), len(d.flat)+1)
	}
	for i, id := range d.flat {
		if tag(i+1) != id {
			t.Fatalf("after\n%sstep %d is %s, want %s", history, i+2, tag(i+1), id)
		}
		m := reference.FindStringSubmatch(str(asObj(steps[i+1].(obj)["config"])["ref"]))
		if m == nil {
			t.Fatalf("after\n%s%s refers to nothing: %v", history, id, steps[i+1].(obj)["config"])
		}
		at, _ := strconv.Atoi(m[1])
		if at < 1 || at > len(steps) || tag(at-1) != d.want[id] {
			t.Fatalf("after\n%s%s refers to %s, want %s", history, id, m[0], d.want[id])
		}
	}
}
