package policy

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/errors"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// rules evaluates the deny and warn lists. It reports a wrong policy as a
// problem.
func (p *policies) rules() []Violation {
	var out []Violation
	for _, name := range []string{denyField, warnField} {
		rules := p.value.LookupPath(cue.MakePath(cue.Str(name)))
		if !rules.Exists() {
			continue
		}
		it, err := rules.Fields()
		if err != nil {
			p.report(err)
			continue
		}
		for it.Next() {
			out = append(out, p.rule(it.Selector().Unquoted(), it.Value(), name == warnField)...)
		}
	}
	return out
}

// constraints finds the places where the document breaks what policies say about
// plan. An error inside the document counts against the plan. That includes a
// field that a policy requires and the document lacks.
func (p *policies) constraints() []Violation {
	v := p.value.LookupPath(cue.MakePath(cue.Str(planField)))
	if !v.Exists() {
		// The policies are so wrong that there is no package at all.
		p.report(p.value.Validate())
		return nil
	}
	var out []Violation
	for _, e := range errors.Errors(v.Validate(cue.Concrete(true), cue.Final())) {
		path := e.Path()
		if i := slices.Index(path, planField); i >= 0 {
			path = path[i+1:]
		} else {
			path = nil
		}
		if len(path) == 0 {
			p.problem(p.position(e), message(e), "")
			continue
		}
		addr, field := p.object(path)
		out = append(out, Violation{Message: message(e), Address: addr, Path: field, Policy: p.position(e)})
	}
	if len(out) == 0 && len(p.problems) == 0 {
		p.additions(v)
	}
	return out
}

// additions reports the fields that a policy adds to the document. A constraint
// on a field that no plan has would always hold, so it is taken for a mistake.
func (p *policies) additions(v cue.Value) {
	var with any
	data, err := v.MarshalJSON()
	if err == nil {
		err = json.Unmarshal(data, &with)
	}
	if err != nil {
		p.report(err)
		return
	}
	seen := map[schema.Pos]bool{}
	var walk func(at []cue.Selector, with, without any)
	walk = func(at []cue.Selector, with, without any) {
		switch with := with.(type) {
		case map[string]any:
			have, _ := without.(map[string]any)
			for _, key := range tree.Keys(with) {
				path := append(at[:len(at):len(at)], cue.Str(key))
				inner, there := have[key]
				if there {
					walk(path, with[key], inner)
					continue
				}
				pos := p.pos(v.LookupPath(cue.MakePath(path...)).Pos())
				if !seen[pos] {
					seen[pos] = true
					p.problem(pos, "no plan has the field "+cue.MakePath(path...).String()+" that the policy sets", "Correct the name, or write name?: if the field need not be there.")
				}
			}
		case []any:
			have, _ := without.([]any)
			for i := range min(len(with), len(have)) {
				walk(append(at[:len(at):len(at)], cue.Index(i)), with[i], have[i])
			}
		}
	}
	walk(nil, with, p.raw)
}

// object splits a path in the document into an address and a field's path.
func (p *policies) object(path []string) (addr, field string) {
	if len(path) < 2 || path[0] != "changes" {
		return "", strings.Join(path, ".")
	}
	i, err := strconv.Atoi(path[1])
	if err != nil || i < 0 || i >= len(p.doc.Changes) {
		return "", strings.Join(path, ".")
	}
	change, rest := p.doc.Changes[i], path[2:]
	if len(rest) > 1 && rest[0] == "fields" {
		if j, err := strconv.Atoi(rest[1]); err == nil && j >= 0 && j < len(change.Fields) {
			return change.Address, change.Fields[j].Path
		}
	}
	return change.Address, strings.Join(rest, ".")
}

// entry is a member of a deny or warn list.
type entry struct {
	Message string `json:"message"`
	Address string `json:"address"`
	Path    string `json:"path"`
}

const entryHint = `Write a text, or {message: "…", address: change.address, path: "…"}; message is required.`

// rule reads one list.
func (p *policies) rule(name string, v cue.Value, warning bool) []Violation {
	if err := v.Validate(cue.Concrete(true), cue.Final()); err != nil {
		p.report(err)
		return nil
	}
	members, err := v.List()
	if err != nil {
		p.problem(p.pos(v.Pos()), "rule "+name+" is no list", "Write a list: [for c in plan.changes if … {message: \"…\", address: c.address}].")
		return nil
	}
	var out []Violation
	for members.Next() {
		m := members.Value()
		e, ok := readEntry(m)
		if !ok {
			p.problem(p.pos(m.Pos()), "rule "+name+" has a member that cannot be read", entryHint)
			return nil
		}
		out = append(out, Violation{Rule: name, Message: e.Message, Address: e.Address, Path: e.Path, Policy: p.pos(m.Pos()), Warning: warning})
	}
	return out
}

func readEntry(v cue.Value) (entry, bool) {
	if s, err := v.String(); err == nil {
		return entry{Message: s}, s != ""
	}
	data, err := v.MarshalJSON()
	if err != nil {
		return entry{}, false
	}
	var e entry
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil || e.Message == "" {
		return entry{}, false
	}
	return e, true
}

// locate adds the places where the objects are declared. An object without a
// place of its own, such as a rule of an agent that is deleted, gets its
// parent's place.
func (p *policies) locate(list []Violation) {
	at := map[string]int{}
	for i, c := range p.doc.Changes {
		at[c.Address] = i
	}
	for i := range list {
		for addr := list[i].Address; addr != ""; {
			if j, there := at[addr]; there && p.doc.Changes[j].Position.File != "" {
				list[i].Declared = p.doc.Changes[j].Position
				break
			}
			cut := strings.LastIndexByte(addr, '/')
			if cut < 0 {
				break
			}
			addr = addr[:cut]
		}
	}
}
