package openapi

import (
	"iter"
	"strings"

	"gopkg.in/yaml.v3"
)

// resolve follows aliases and steps into the document. It returns nil for nil.
func resolve(n *yaml.Node) *yaml.Node {
	for n != nil {
		switch n.Kind {
		case yaml.DocumentNode:
			n = n.Content[0]
		case yaml.AliasNode:
			n = n.Alias
		default:
			return n
		}
	}
	return nil
}

// members yields the entries of a mapping in the order of the file. What a merge
// ("<<") brings stands in the merge's place, unless the mapping has the key itself.
func members(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		n := resolve(n)
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Tag != "!!merge" {
				if !yield(n.Content[i].Value, resolve(n.Content[i+1])) {
					return
				}
				continue
			}
			for key, v := range members(n.Content[i+1]) {
				if own(n, key) == nil && !yield(key, v) {
					return
				}
			}
		}
	}
}

// own is the value of a key that a mapping has itself, not by a merge.
func own(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolve(n.Content[i+1])
		}
	}
	return nil
}

// at steps through mappings by keys that they have themselves. It returns nil
// where a key is missing.
func at(n *yaml.Node, path ...string) *yaml.Node {
	n = resolve(n)
	for _, key := range path {
		if n == nil || n.Kind != yaml.MappingNode {
			return nil
		}
		n = own(n, key)
	}
	return n
}

func items(n *yaml.Node) []*yaml.Node {
	if n = resolve(n); n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// texts are the members of a list of texts, null left out.
func texts(n *yaml.Node) []string {
	var out []string
	for _, it := range items(n) {
		if it = resolve(it); it.Tag != "!!null" {
			out = append(out, it.Value)
		}
	}
	return out
}

func str(n *yaml.Node, key string) string {
	if v := at(n, key); v != nil {
		return v.Value
	}
	return ""
}

func flag(n *yaml.Node, key string) bool { return str(n, key) == "true" }

// component is the last segment of a reference.
func component(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// secrets collects the names of the properties below a node that carry x-secret.
func secrets(n *yaml.Node) []string {
	var out []string
	switch n = resolve(n); {
	case n == nil:
	case n.Kind == yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			if v := n.Content[i+1]; v.Kind != yaml.AliasNode { // an alias was seen at its anchor
				if flag(v, "x-secret") {
					out = append(out, n.Content[i].Value)
				}
				out = append(out, secrets(v)...)
			}
		}
	case n.Kind == yaml.SequenceNode:
		for _, it := range n.Content {
			out = append(out, secrets(it)...)
		}
	}
	return out
}
