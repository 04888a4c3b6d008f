package undo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Image is the state before a run, and what the run is to change.
type Image struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	// Objects are the live objects at the top that the run touches, and those with the
	// natural key of one that it takes away, with everything that is nested in them.
	Objects []*schema.Object `json:"objects"`
	// Changes are the changes of the plan.
	Changes []Change `json:"changes"`
	// IDs are the ids of the live objects that the changes refer to, by address.
	IDs map[string]string `json:"ids,omitempty"`
	// LeftOut lists the live values that the image does not hold.
	LeftOut []Left `json:"leftOut,omitempty"`
}

// Change is one object that the run changes. Fields have the values before and after.
type Change struct {
	Addr   string         `json:"address"`
	Kind   string         `json:"kind"`
	Action plan.Action    `json:"action"`
	Fields []field.Change `json:"fields,omitempty"`
	// Copied are the other values of an override that the run creates, as it is then.
	Copied []field.Change `json:"copied,omitempty"`
	// Whole says that a call of the run replaced the object as a whole with what the
	// service has elsewhere. Fields then need not have all that changed.
	Whole bool `json:"whole,omitempty"`
	// Steps are the steps of a flow after the run. They are nil if the run leaves them.
	Steps *schema.FlowBody `json:"steps,omitempty"`
}

// Left is a value that an image does not hold: a secret, or the sample of a trigger.
type Left struct {
	Addr string `json:"address"`
	// Path is the path of the field. It is empty for the sample of a flow's trigger.
	Path string `json:"path,omitempty"`
}

// The format of images.
const (
	imageFormat  = "mihusync-before"
	imageVersion = 1
)

// Of makes the image of a plan. live is what was read before the run: it has all parts
// of the objects that the plan deletes, see [Lacks]. live stays as it is.
func Of(p *plan.Plan, live *schema.Workspace) *Image {
	live = live.Copy()
	p.Name(live)
	img := &Image{Format: imageFormat, Version: imageVersion, Objects: []*schema.Object{}, Changes: []Change{}, IDs: map[string]string{}}
	tops, gone := map[string]bool{}, map[string]bool{}
	for _, ch := range p.Changes {
		if ch.Action == plan.Unmanaged || ch.Refused {
			continue
		}
		tops[plan.Owner(ch.Addr)] = true
		gone[ch.Addr] = ch.Action == plan.Delete || ch.Action == plan.Replace
		img.Changes = append(img.Changes, changeOf(ch))
	}
	for _, op := range p.Ops {
		tops[plan.Owner(op.Addr)] = true
		if calls := schema.KindAt(op.Addr).Calls; op.Call != "" && (op.Call == calls.Reassign || op.Call == calls.Reset) {
			for i := range img.Changes {
				img.Changes[i].Whole = img.Changes[i].Whole || img.Changes[i].Addr == op.Addr
			}
		}
	}
	for _, k := range schema.TopKinds() {
		twins := map[schema.Key]bool{}
		for _, o := range live.Objects[k.Name] {
			twins[o.KnownBy()] = twins[o.KnownBy()] || gone[o.Addr()]
		}
		for _, o := range live.Objects[k.Name] {
			if tops[o.Addr()] || twins[o.KnownBy()] {
				img.keep(o)
				img.Objects = append(img.Objects, o)
			}
		}
	}
	img.name(p)
	return img
}

func changeOf(ch *plan.Change) Change {
	out := Change{Addr: ch.Addr, Kind: ch.Kind, Action: ch.Action}
	for _, f := range ch.Fields {
		out.Fields = append(out.Fields, field.Change{Path: f.Path, Before: f.Before, After: f.After})
	}
	if k := schema.KindAt(ch.Addr); k != nil && k.Semantics == schema.OverrideSemantics && ch.Action == plan.Create {
		out.Copied = copied(k, ch)
	}
	if ch.Flow != nil && !ch.Flow.StepsUnread && (len(ch.Flow.Script) > 0 || ch.Action != plan.Update) {
		out.Steps = ch.Flow.Steps.Copy(func(s *schema.Step) { delete(s.Fields, schema.SampleField) })
	}
	return out
}

// copied returns the values that a new override has, and that its declaration does not say.
func copied(k *schema.Kind, ch *plan.Change) []field.Change {
	said, after := map[string]bool{}, map[string]any{}
	for _, f := range ch.Fields {
		said[f.Path] = true
	}
	field.Flatten(k.Fields, ch.Effective, nil, "", map[string]any{}, after)
	var out []field.Change
	for _, path := range tree.Keys(after) {
		if !said[path] {
			out = append(out, field.Change{Path: path, After: after[path]})
		}
	}
	return out
}

// keep takes out of a copied object what an image does not hold, and lists it.
func (img *Image) keep(o *schema.Object) {
	addr := o.Addr()
	o.Fields, _ = withoutSecrets(o.Fields, "", func(path string) {
		img.LeftOut = append(img.LeftOut, Left{Addr: addr, Path: path})
	}).(map[string]any)
	if o.Flow != nil {
		o.Flow = o.Flow.Copy(func(s *schema.Step) {
			if s.Fields[schema.SampleField] != nil {
				img.LeftOut = append(img.LeftOut, Left{Addr: addr})
			}
			delete(s.Fields, schema.SampleField)
		})
	}
	for _, c := range o.Children {
		img.keep(c)
	}
}

// withoutSecrets copies a value without the secrets in it. It tells the path of each.
func withoutSecrets(v any, at string, tell func(path string)) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range tree.Members(v) {
			path := strings.TrimPrefix(at+"."+k, ".")
			if _, secret := e.(schema.Secret); secret {
				tell(path)
				continue
			}
			out[k] = withoutSecrets(e, path, tell)
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for i, e := range v {
			path := fmt.Sprintf("%s[%d]", at, i)
			if _, secret := e.(schema.Secret); secret {
				tell(path)
				continue
			}
			out = append(out, withoutSecrets(e, path, tell))
		}
		return out
	}
	return v
}

// name keeps the ids of what the changes refer to.
func (img *Image) name(p *plan.Plan) {
	ref := func(r schema.Ref) {
		if id := p.IDs[r.Addr]; id != "" {
			img.IDs[r.Addr] = id
		}
	}
	for _, ch := range img.Changes {
		for _, f := range ch.Fields {
			schema.EachRef(f.After, ref)
		}
		ch.Steps.Walk(func(s, _ *schema.Step, _ string) { schema.EachRef(s.Fields, ref) })
	}
}

// Encode returns the image as JSON. The same image gives the same bytes.
func (img *Image) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(img)
	return b.Bytes(), err
}

// Decode reads an image. The error says that data is none, or one of another version.
func Decode(data []byte) (*Image, error) {
	img := &Image{}
	if err := json.Unmarshal(data, img); err != nil {
		return nil, fmt.Errorf("the state before the run cannot be read: %w", err)
	}
	if img.Format != imageFormat || img.Version != imageVersion {
		return nil, errors.New("the state before the run was kept by another version of mihusync")
	}
	return img, nil
}

// Object returns the object with an address as it was before the run, or nil.
func (img *Image) Object(addr string) *schema.Object { return img.objects()[addr] }

// objects returns the objects of the image by address.
func (img *Image) objects() map[string]*schema.Object {
	out := map[string]*schema.Object{}
	for _, top := range img.Objects {
		each(top, func(o *schema.Object) { out[o.Addr()] = o })
	}
	return out
}

// each visits an object and everything that is nested in it.
func each(o *schema.Object, visit func(*schema.Object)) {
	visit(o)
	for _, c := range o.Children {
		each(c, visit)
	}
}

// sorted returns the changes with parents before what is nested in them.
func (img *Image) sorted() []Change {
	out := slices.Clone(img.Changes)
	slices.SortStableFunc(out, func(a, b Change) int { return strings.Compare(a.Addr, b.Addr) })
	return out
}
