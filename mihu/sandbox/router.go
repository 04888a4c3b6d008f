package sandbox

import "strings"

// router finds operations by method and path. A literal segment wins over a
// parameter. If the literal leads nowhere, the parameter is tried too; paths
// such as /flow/apps/{uid} beside /flow/{uuid} need that.
type router struct {
	base string // prefix of all paths; a request may leave it out
	root *node
}

type node struct {
	literal map[string]*node
	param   *node
	ops     map[string]*operation
}

func (r *router) add(op *operation) {
	at := r.root
	for seg := range strings.SplitSeq(strings.Trim(op.Path, "/"), "/") {
		at = at.child(seg)
	}
	if at.ops == nil {
		at.ops = map[string]*operation{}
	}
	at.ops[op.Method] = op
}

func (n *node) child(seg string) *node {
	if strings.HasPrefix(seg, "{") {
		if n.param == nil {
			n.param = &node{}
		}
		return n.param
	}
	if n.literal == nil {
		n.literal = map[string]*node{}
	}
	c := n.literal[seg]
	if c == nil {
		c = &node{}
		n.literal[seg] = c
	}
	return c
}

// find returns the operation and its path parameters in order. known says that
// the path exists, perhaps with another method only.
func (r *router) find(method, path string) (op *operation, params []string, known bool) {
	path = strings.TrimPrefix(path, r.base)
	segs := strings.Split(strings.Trim(path, "/"), "/")
	var walk func(n *node, i int, params []string) bool
	walk = func(n *node, i int, got []string) bool {
		if i == len(segs) {
			if n.ops == nil {
				return false
			}
			known = true
			if o := n.ops[method]; o != nil {
				op, params = o, got
				return true
			}
			return false
		}
		if c := n.literal[segs[i]]; c != nil && walk(c, i+1, got) {
			return true
		}
		return n.param != nil && segs[i] != "" && walk(n.param, i+1, append(got[:len(got):len(got)], segs[i]))
	}
	walk(r.root, 0, nil)
	return op, params, known
}
