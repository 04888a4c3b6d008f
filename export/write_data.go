package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// renderDocument returns the whole workspace as one JSON or YAML file.
func renderDocument(sources []source, opts WriteOptions) (file, error) {
	all := &group{}
	all.members = append(all.members, opts.members()...)
	kinds := map[string]*group{}
	for _, s := range sources {
		kind := s.at[1]
		if len(s.at) == 2 {
			all.add(kind, s.body)
			continue
		}
		if kinds[kind] == nil {
			kinds[kind] = &group{entries: true}
			all.add(kind, kinds[kind])
		}
		kinds[kind].add(s.at[2], s.body)
	}
	doc := &group{members: []member{{root, all}}}
	var data []byte
	var err error
	switch opts.Format {
	case JSON:
		data, err = toJSON(doc)
	case YAML:
		data, err = toYAML(doc)
	default:
		err = fmt.Errorf("unknown format %q: use %s, %s or %s", opts.Format, CUE, JSON, YAML)
	}
	return file{name: root + "." + string(opts.Format), data: data}, err
}

func toJSON(doc *group) ([]byte, error) {
	raw, err := encode(doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// encode is json.Marshal without escapes for HTML.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// MarshalJSON keeps the order of the members.
func (g *group) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range g.members {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := encode(m.name)
		if err != nil {
			return nil, err
		}
		value, err := encode(m.value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// MarshalJSON writes the reference.
func (s *secret) MarshalJSON() ([]byte, error) { return encode(s.form()) }

func toYAML(doc *group) ([]byte, error) {
	node, err := yamlNode(doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(node); err != nil {
		return nil, err
	}
	return out.Bytes(), enc.Close()
}

func yamlNode(v any) (*yaml.Node, error) {
	switch v := v.(type) {
	case *group:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, m := range v.members {
			key, err := yamlNode(m.name)
			if err != nil {
				return nil, err
			}
			value, err := yamlNode(m.value)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, key, value)
		}
		return n, nil
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v {
			value, err := yamlNode(item)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, value)
		}
		return n, nil
	case *secret:
		return yamlNode(v.form())
	case prose:
		return yamlNode(string(v))
	case string:
		n := &yaml.Node{}
		if !strings.Contains(v, "\n") {
			return n, n.Encode(v) // quotes words that older YAML reads as booleans
		}
		n.SetString(v) // Encode would lose line ends at the beginning
		if !blockSafe(v) {
			n.Style = yaml.DoubleQuotedStyle
		}
		return n, nil
	default:
		n := &yaml.Node{}
		return n, n.Encode(v)
	}
}

// blockSafe says whether a YAML block keeps a text unchanged. The text has to
// begin with a letter or the like, and to have only plain line ends.
func blockSafe(s string) bool {
	for i, r := range s {
		if r != '\n' && !unicode.IsGraphic(r) || i == 0 && unicode.IsSpace(r) || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return true
}
