package load

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// semantics checks what CUE cannot express: references, natural keys and the steps
// of flows.
type semantics struct {
	l      *loader
	w      *schema.Workspace
	places map[*schema.Step]place
	byAddr map[string]*schema.Object
}

func (s *semantics) check() {
	s.byAddr = s.w.ByAddr()
	for _, k := range schema.TopKinds() {
		s.siblings(k, s.w.Objects[k.Name])
		s.removed(k)
	}
	s.w.Walk(func(o *schema.Object) {
		for _, k := range o.Kind.Children {
			s.siblings(k, o.ChildrenOf(k.Name))
		}
		s.standIn(o)
		s.references(o)
		s.mistakes(o)
		s.flow(o)
	})
}

func (s *semantics) report(pos schema.Pos, o *schema.Object, path []string, summary, detail, suggestion string) {
	s.l.problems.Add(schema.Problem{Pos: pos, Also: s.l.positions.others(path, pos), Address: o.Addr(), Path: pathString(path), Summary: summary, Detail: detail, Suggestion: suggestion})
}

// at returns the position of an object's field, or of the nearest value around it
// that the files have.
func (s *semantics) at(o *schema.Object, path []string) schema.Pos {
	if pos := s.l.positions.near(path); pos.File != "" {
		return pos
	}
	return o.Pos
}

// siblings reports objects that the service cannot tell apart: two objects with the
// same name or the same pin. It also reports a former name that another object has
// now.
func (s *semantics) siblings(k *schema.Kind, list []*schema.Object) {
	if k.Shape != schema.Collection || len(k.Identity) == 0 {
		return
	}
	byKey, byID := map[schema.Key][]*schema.Object{}, map[string]*schema.Object{}
	for _, o := range list {
		if first := byID[o.ID]; o.ID != "" && first != nil {
			path := append(o.FilePath(), schema.PinField)
			s.report(s.at(o, path), o, path, fmt.Sprintf("the uuid is the one of %s too", first.Addr()), "", "")
		}
		byID[o.ID] = o
		if o.ID != "" || k.Lifecycle == schema.KeyedByName || o.Parent != nil && o.Key().IsZero() {
			continue // the pin or the handle tells them apart; without a name, their fields do
		}
		if i := slices.IndexFunc(byKey[o.Key()], func(first *schema.Object) bool { return !o.Apart(first) }); i >= 0 {
			first := byKey[o.Key()][i]
			path := append(o.FilePath(), k.Identity[0])
			same := fmt.Sprintf("%s has the same %s: %s", first.Addr(), strings.Join(k.Identity, " and "), o.Key().Quoted())
			declared := "It is declared at " + first.Pos.String() + ". "
			other := "give one of them another " + k.Identity[0]
			if o.Parent != nil { // the service allows it (O7); a plan pairs the most similar objects
				s.l.problems.Add(schema.Problem{Severity: schema.SeverityWarning, Pos: s.at(o, path), Address: o.Addr(), Path: pathString(path), Summary: same,
					Detail: declared + "The plan pairs each with the most similar object of the service.", Suggestion: other})
				continue
			}
			s.report(s.at(o, path), o, path, same, declared+"Two objects with the same "+strings.Join(k.Identity, " and ")+" cannot be told apart in the service.",
				other+", or pin both with uuid")
			continue
		}
		byKey[o.Key()] = append(byKey[o.Key()], o)
	}
	for _, o := range list {
		for i, former := range o.Formerly {
			others := byKey[o.Key().WithName(former)]
			if len(others) == 0 || slices.Contains(others, o) {
				continue
			}
			other := others[0]
			path := append(o.FilePath(), "formerly", strconv.Itoa(i))
			s.report(s.at(o, path), o, path, fmt.Sprintf("%q is the name of %s now", former, other.Addr()), "A former name is one that nothing else has.", "")
		}
	}
}

// removed reports objects that the files both declare and list under removed.
func (s *semantics) removed(k *schema.Kind) {
	for i, r := range s.w.Removed[k.Name] {
		for _, o := range s.w.Objects[k.Name] {
			if !r.Means(o) || r.Key != o.KnownBy() {
				continue
			}
			s.l.problems.Add(schema.Problem{
				Pos: r.Pos, Address: o.Addr(), Path: pathString([]string{"workspace", "removed", k.Name, strconv.Itoa(i)}),
				Summary:    r.Quoted() + " is declared and removed at once",
				Detail:     "It is declared at " + o.Pos.String() + ".",
				Suggestion: "keep one of the two",
			})
		}
	}
}

// standIn checks a handle that serves as a name against the rules for names.
func (s *semantics) standIn(o *schema.Object) {
	if o.Kind.Shape != schema.Collection || len(o.Kind.Identity) == 0 {
		return
	}
	f := o.Kind.Fields.Lookup(o.Kind.Identity[0])
	if f == nil || f.Server {
		return
	}
	if _, given := o.Fields[f.Name]; given {
		return
	}
	if why := f.Domain().Breaks(o.Handle); why != "" {
		s.report(o.Pos, o, o.FilePath(), "the handle stands in for "+f.Name+", but "+why, f.Doc, "give "+f.Name)
	}
}

// references reports references to objects that the files do not declare.
func (s *semantics) references(o *schema.Object) {
	if !schema.HasRef(o.Fields) {
		return
	}
	for at, v := range tree.All(o.Fields) {
		if r, ok := v.(schema.Ref); ok {
			s.reference(o, r, append(o.FilePath(), at.Parts()...), inSettings(o.Kind, at.Parts()))
		}
	}
}

// reference checks one reference. setting says that it stands in free-form settings.
func (s *semantics) reference(o *schema.Object, r schema.Ref, path []string, setting bool) {
	if r.Kind == "" {
		s.noAddress(o, r, path)
		return
	}
	if r.Malformed() {
		s.report(s.at(o, path), o, path, fmt.Sprintf("%q is no id of the service", r.ID), schema.Definition("#UUID").Doc, "write the id as the service shows it, or the handle of an object in the files")
		return
	}
	if r.Name == "" || schema.CatalogOf(r.Kind) != nil || r.ID != "" || strings.HasPrefix(r.Name, schema.SystemPrefix) || s.byAddr[r.Addr] != nil {
		return
	}
	var label string
	var siblings []string
	scope := ""
	if k := schema.KindOf(r.Kind); k != nil {
		label = k.Label
		siblings = handles(s.w.Objects[r.Kind])
	} else if at := s.ownerOf(r, o); at != nil {
		label, scope = at.Kind.Child(r.Kind).Label, " of "+at.Addr()
		siblings = handles(at.ChildrenOf(r.Kind))
	} else if k := schema.CollectionOf(r.Kind); k != nil { // settings refer to it below an object that is not declared
		s.undeclaredOwner(o, r, k, path)
		return
	}
	suggestion := didYouMean(r.Name, siblings)
	if suggestion == "" {
		suggestion = s.named(r, o)
	}
	if suggestion == "" {
		suggestion = `declare it, or refer to a live one by "uuid:ID"`
	}
	detail := ""
	if len(siblings) > 0 && len(siblings) <= 12 {
		detail = "Declared are: " + strings.Join(siblings, ", ") + "."
	}
	summary := fmt.Sprintf("there is no %s %q%s", label, r.Name, scope)
	if setting {
		summary += fmt.Sprintf(", to which $ref: %q refers", r.Addr)
		if near := schema.Nearest(r.Name, siblings); near != "" {
			suggestion = fmt.Sprintf("did you mean %q?", strings.TrimSuffix(r.Addr, r.Name)+near)
		}
	}
	s.report(s.at(o, path), o, path, summary, detail, suggestion)
}

// inSettings says whether the field at the beginning of a path holds free-form settings.
func inSettings(k *schema.Kind, path []string) bool {
	f := k.Fields.Lookup(path[0])
	return f != nil && f.Refs
}

// ownerOf returns the declared object that a reference to a nested object leads
// through. o has the reference. It returns nil if no file declares that object.
func (s *semantics) ownerOf(r schema.Ref, o *schema.Object) *schema.Object {
	if at := s.byAddr[strings.TrimSuffix(r.Addr, "/"+r.Kind+"/"+r.Name)]; at != nil && at.Kind.Child(r.Kind) != nil {
		return at
	}
	for at := o; at != nil; at = at.Parent {
		if at.Kind.Child(r.Kind) != nil && strings.HasPrefix(r.Addr, at.Addr()+"/") {
			return at
		}
	}
	return nil
}

// undeclaredOwner reports a reference in settings to an object that is nested in one
// that no file declares.
func (s *semantics) undeclaredOwner(o *schema.Object, r schema.Ref, k *schema.Kind, path []string) {
	owner := strings.TrimSuffix(r.Addr, "/"+r.Kind+"/"+r.Name)
	kind, handle, _ := strings.Cut(owner, "/")
	suggestion := fmt.Sprintf("declare it, or refer to a live %s by %q", k.Label, k.Name+"/uuid:ID")
	if near := schema.Nearest(handle, handles(s.w.Objects[kind])); near != "" {
		suggestion = fmt.Sprintf("did you mean %q?", kind+"/"+near+"/"+r.Kind+"/"+r.Name)
	}
	s.report(s.at(o, path), o, path, fmt.Sprintf("there is no %s, and so no %s %q of it", owner, k.Label, r.Name), "", suggestion)
}

// noAddress reports a "$ref" in free-form settings that is no reference.
func (s *semantics) noAddress(o *schema.Object, r schema.Ref, path []string) {
	kind, handle, _ := strings.Cut(r.Name, "/")
	var kinds []string
	for _, k := range schema.TopKinds() {
		if k.Shape == schema.Collection {
			kinds = append(kinds, k.Name)
		}
	}
	for _, k := range schema.Table() {
		if k.Shape == schema.Catalog && k.HoldsUUIDs() {
			kinds = append(kinds, k.Name)
		}
	}
	suggestion := `write the address of an object, as in {$ref: "templates/promo"}; a key of that name is written "$$ref"`
	if near := schema.Nearest(kind, kinds); near != "" && handle != "" && near != kind {
		suggestion = fmt.Sprintf("did you mean %q?", near+"/"+handle)
	} else if near := nearNested(r.Name); near != "" {
		suggestion = fmt.Sprintf("did you mean %q?", near)
	}
	s.report(s.at(o, path), o, path, "$ref is no reference to an object", "It can name one of: "+strings.Join(kinds, ", ")+`; or what is nested in one, as "agents/support/intents/book".`, suggestion)
}

// nearNested returns the address of a nested object with the nearest name of a kind in
// place of one that does not exist, or "".
func nearNested(address string) string {
	parts := strings.Split(address, "/")
	k := schema.KindOf(parts[0])
	if k == nil || len(parts) != 4 {
		return ""
	}
	var kinds []string
	for _, c := range k.Children {
		if c.Shape == schema.Collection {
			kinds = append(kinds, c.Name)
		}
	}
	near := schema.Nearest(parts[2], kinds)
	if near == "" {
		return ""
	}
	parts[2] = near
	return strings.Join(parts, "/")
}

// named returns a suggestion if a reference has a name and not a handle, or "".
func (s *semantics) named(r schema.Ref, o *schema.Object) string {
	list := s.w.Objects[r.Kind]
	if schema.KindOf(r.Kind) == nil {
		for at := o; at != nil; at = at.Parent {
			list = append(list, at.ChildrenOf(r.Kind)...)
		}
	}
	for _, c := range list {
		if name, _ := c.Fields["name"].(string); name == r.Name {
			return fmt.Sprintf("a reference is the handle: %q", c.Handle)
		}
	}
	return ""
}

func handles(list []*schema.Object) []string {
	out := make([]string, len(list))
	for i, o := range list {
		out[i] = o.Handle
	}
	slices.Sort(out)
	return out
}

// flow checks the ids, branches and references of a flow's steps.
func (s *semantics) flow(o *schema.Object) {
	if o.Flow == nil {
		return
	}
	o.Flow.Walk(func(step, _ *schema.Step, _ string) {
		here := s.places[step].path
		for at, v := range tree.All(step.Fields) {
			if r, ok := v.(schema.Ref); ok {
				s.reference(o, r, append(here[:len(here):len(here)], at.Parts()...), inSettings(step.Kind, at.Parts()))
			}
		}
	})
	for _, p := range schema.CheckFlow(o.Flow) {
		path := o.FilePath()
		if p.Step != nil {
			path = append(s.places[p.Step].path, splitPath(p.Path)...)
		}
		suggestion := p.Suggestion
		if strings.HasPrefix(suggestion, "{{") {
			suggestion = "did you mean " + suggestion + "?"
		}
		s.report(s.at(o, path), o, path, p.Summary, "", suggestion)
	}
}

// splitPath returns the segments of a path, for example of
// "config.fields[0].value".
func splitPath(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}
