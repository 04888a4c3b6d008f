package flow

import "github.com/mihusync/mihusync/schema"

// node is a step with its place.
type node struct {
	step      *schema.Step
	parent    int // -1 at top level
	branch    string
	then, els []int
	size      int // number of steps with everything below
}

// stepTree is a flow with its steps numbered in depth-first order. The trigger,
// if there is one, is node 0.
type stepTree struct {
	nodes   []node
	top     []int
	trigger bool
	byID    map[string]int
}

func newTree(b *schema.FlowBody) *stepTree {
	t := &stepTree{byID: map[string]int{}}
	at := map[*schema.Step]int{}
	b.Walk(func(s, parent *schema.Step, branch string) {
		i := len(t.nodes)
		at[s] = i
		t.nodes = append(t.nodes, node{step: s, parent: -1, branch: branch, size: 1})
		if _, taken := t.byID[s.ID]; !taken {
			t.byID[s.ID] = i
		}
		switch {
		case parent == nil && s == b.Trigger:
			t.trigger = true
		case parent == nil:
			t.top = append(t.top, i)
		default:
			p := at[parent]
			t.nodes[i].parent = p
			if branch == schema.BranchElse {
				t.nodes[p].els = append(t.nodes[p].els, i)
			} else {
				t.nodes[p].then = append(t.nodes[p].then, i)
			}
		}
	})
	for i := len(t.nodes) - 1; i >= 0; i-- {
		if p := t.nodes[i].parent; p >= 0 {
			t.nodes[p].size += t.nodes[i].size
		}
	}
	return t
}

func (n *node) children() int { return len(n.then) + len(n.els) }
