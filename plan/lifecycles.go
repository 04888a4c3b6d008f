package plan

import (
	"fmt"
	"slices"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// section plans an object that one call replaces as a whole, for example
// appointment settings. The call also sends the live values that the declaration
// does not manage, because the API would clear them.
func (d *description) section(want, have *schema.Object) {
	var live map[string]any
	if have != nil {
		live = have.Fields
	}
	patch, fields := field.Delta(want.Kind, want.Fields, live, d.opts.Secret)
	var unknown map[string]any
	if have != nil {
		unknown = have.Unknown
	} else {
		unknown = want.Unknown
	}
	extra := field.ExtraDelta(want.Extra, unknown)
	if len(patch) == 0 && len(extra) == 0 {
		d.plan.Unchanged++
		return
	}
	action := Update
	if have == nil {
		action = Create
	}
	d.changed(want, action, append(fields, field.ExtraChanges(extra, unknown)...))
	op := &Op{Addr: want.Addr(), Call: want.Kind.Calls.Update, Path: d.pathTo(want.Parent), Title: "replace " + want.Kind.Label}
	op.carry(want.Kind.Fields, completeLists(want, overlayManaged(want.Kind.Fields, want.Fields, live), live), have, want.Extra, unknown)
	d.add(op)
}

// overlayManaged returns the live fields with the declared fields in their place. A
// declared field replaces the live one as a whole. [field.CompleteLists] then adds
// the fields of list members that the declaration does not manage.
func overlayManaged(f *schema.Field, want, have map[string]any) map[string]any {
	out := make(map[string]any, len(want)+len(have))
	for k, v := range have {
		out[k] = v
	}
	for k, v := range want {
		out[k] = v
	}
	return out
}

// immutable plans an object that has no update call. A change deletes the object
// and creates another.
func (d *description) immutable(want, have *schema.Object) {
	if have == nil {
		d.create(want)
		return
	}
	patch, fields := field.Delta(want.Kind, declared(want, have), have.Fields, d.opts.Secret)
	fields = d.judged(want, patch, fields)
	if len(patch) == 0 {
		d.plan.Unchanged++
		return
	}
	if !d.opts.AllowReplace {
		d.failAt(want, firstPath(fields), "can only be changed by deleting it and creating it anew",
			"Changed: "+paths(fields)+". The API has no update for a "+want.Kind.Label+"; a new one goes through approval again and cannot be used until then.",
			"Run again with --allow-replace if that is what you want, or declare it under another name and switch over once it is approved.")
		return
	}
	ch := d.changed(want, Replace, fields)
	ch.Notes = append(ch.Notes, field.Note{Code: "replace", Text: "is deleted and created anew; it waits for approval again and cannot be used until then"})
	d.renew(have)
	d.anew(want, have)
}

// anew adds the writes that delete an object and create it again. The new object has
// the live values that the declaration does not manage. The result is the index of the
// delete.
func (d *description) anew(want, have *schema.Object) int {
	k := want.Kind
	gone := d.add(&Op{Addr: want.Addr(), Call: k.Calls.Delete, Path: append(d.pathTo(want.Parent), have.ID), Gone: true, Title: "delete " + k.Label})
	full := completeLists(want, field.Overlay(want.Fields, have.Fields), have.Fields)
	made := &Op{Addr: want.Addr(), Call: k.Calls.Create, Path: d.pathTo(want.Parent), Yields: want.Addr(), YieldKey: k.ID,
		Lookup: d.lookup(want), After: []int{gone}, Title: "create " + k.Label}
	made.carry(k.Fields, withNameOf(want, full), have, want.Extra, have.Unknown)
	d.add(made)
	return gone
}

// judged takes out of a patch what others have changed since the object was made, and
// warns of it. A new object would be judged in the same way.
func (d *description) judged(want *schema.Object, patch map[string]any, fields []field.Change) []field.Change {
	return slices.DeleteFunc(fields, func(c field.Change) bool {
		f := want.Kind.Fields.Lookup(c.Path)
		if f == nil || !f.Judged || c.Before == nil {
			return false
		}
		delete(patch, c.Path)
		d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: "judged", Addrs: []string{want.Addr()},
			Text: fmt.Sprintf("%s: %s is %v in the service, which changed it; the files say %v", want.Addr(), c.Path, c.Before, c.After)})
		return true
	})
}

// alert warns of a state of a live object that people should know of.
func (d *description) alert(want, have *schema.Object) {
	if have == nil {
		return
	}
	for _, text := range have.Alerts {
		d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: "state", Addrs: []string{want.Addr()}, Text: want.Addr() + ": " + text + " in the service"})
	}
}

func withNameOf(o *schema.Object, fields map[string]any) map[string]any {
	return (&schema.Object{Kind: o.Kind, Handle: o.Handle, Fields: fields}).Named()
}

// firstPath returns the path of the first changed field.
func firstPath(fields []field.Change) string {
	if len(fields) == 0 {
		return ""
	}
	return fields[0].Path
}

func paths(fields []field.Change) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Path
	}
	return list(names)
}

// keyed plans an object whose immutable key the server derives from the name in the
// create call [index]. The handle is the key. If the declared name gives another
// key, the create sends the handle as the name. The documentation gives only the
// name for the create call [doc]. An update then sends all other fields.
func (d *description) keyed(want, have *schema.Object) {
	if have != nil {
		d.update(want, have)
		return
	}
	fields := make(map[string]any, len(want.Fields)+1)
	for k, v := range want.Fields {
		fields[k] = v
	}
	if fields[keyedBy] == nil {
		fields[keyedBy] = want.Handle
	}
	d.changed(want, Create, append(field.Changes(want.Kind.Fields, fields, nil), field.ExtraChanges(want.Extra, nil)...))
	first, rest := map[string]any{keyedBy: want.Handle}, want.Kind.Fields.Encode(fields, nil)
	if name, _ := fields[keyedBy].(string); schema.Slug(name, '_') == want.Handle {
		first[keyedBy] = name
		delete(rest, keyedBy)
	}
	schema.MergeExtra(rest, want.Extra)
	made := d.add(&Op{Addr: want.Addr(), Call: want.Kind.Calls.Create, Body: first, Yields: want.Addr(), YieldKey: want.Kind.ID,
		Lookup: d.lookup(want), Expect: want.Handle, Title: "create " + want.Kind.Label})
	if len(rest) > 0 {
		d.add(&Op{Addr: want.Addr(), Call: want.Kind.Calls.Update, Path: d.pathTo(want), Body: rest, After: []int{made}, Title: "update " + want.Kind.Label})
	}
}

// keyedBy is the field from which the server derives the key.
const keyedBy = "name"

// action plans an intent's action. One call sets it as a draft, and another call
// publishes it [doc].
func (d *description) action(want, have *schema.Object) {
	var live map[string]any
	if have != nil {
		live = have.Fields
	}
	fields := make(map[string]any, len(want.Fields)+1)
	for k, v := range want.Fields {
		fields[k] = v
	}
	declareStatus(fields, live)
	var unknown map[string]any
	if have != nil {
		unknown = have.Unknown
	}
	patch, changes := field.Delta(want.Kind, fields, d.outdated(want, live), d.opts.Secret)
	extra := field.ExtraDelta(want.Extra, unknown)
	if len(patch) == 0 && len(extra) == 0 {
		d.plan.Unchanged++
		return
	}
	form := want.Kind.Fields.Chosen
	verb := Update
	if have == nil {
		verb = Create
	} else if form(live) != form(fields) {
		for _, k := range tree.Keys(live) {
			if _, still := fields[k]; !still && k != "status" {
				changes = append(changes, field.Change{Path: k, Before: live[k]})
			}
		}
	}
	d.changed(want, verb, append(changes, field.ExtraChanges(extra, unknown)...))
	d.checkConnection(siteOf(want), d.sentAction(fields, live), live)
	path := d.pathTo(want.Parent)
	set := &Op{Addr: want.Addr(), Call: want.Kind.Calls.Update, Path: path, Title: "set intent action"}
	if form(live) == form(fields) && patch["app"] == nil && patch["action"] == nil {
		set.carry(want.Kind.Fields, d.keptAction(want, fields, live), have, want.Extra, unknown)
	} else {
		set.carry(want.Kind.Fields, fields, nil, want.Extra, nil)
	}
	var after []int
	_, onlyStatus := patch["status"]
	if !onlyStatus || len(patch)+len(extra) > 1 || have == nil {
		after = []int{d.add(set)}
	} else if fields["status"] != schema.StatusDeployed {
		set.Title = "unpublish intent action" // an action becomes a draft only when it is set again
		d.add(set)
		return
	}
	if fields["status"] == schema.StatusDeployed {
		d.add(&Op{Addr: want.Addr(), Call: want.Kind.Calls.Publish, Path: path, After: after, Repeat: true, Title: "publish intent action"})
	}
}

// declareStatus gives an action without a status the one that it is to have. No call
// sets a status that the schema does not list, so such an action stays what it is.
func declareStatus(fields, live map[string]any) {
	status, declared := fields["status"].(string)
	switch {
	case !declared:
		fields["status"] = schema.StatusDeployed
	case !schema.IsUnlisted(status):
	case live["status"] == nil:
		delete(fields, "status")
	default:
		fields["status"] = live["status"]
	}
}

// sentAction returns the fields that an action has after the plan. Another app keeps
// nothing of the live ones.
func (d *description) sentAction(fields, live map[string]any) map[string]any {
	if sameTarget(refOf(fields, schema.AppsKind), refOf(live, schema.AppsKind)) {
		return field.Overlay(fields, live)
	}
	return fields
}

// keptAction adds the live values that the declaration does not manage, because the
// call replaces an action as a whole. It reports a live token, because its value
// cannot be sent again.
func (d *description) keptAction(want *schema.Object, fields, live map[string]any) map[string]any {
	out := overlayManaged(want.Kind.Fields, fields, live)
	hook, isHook := fields["webhook"].(map[string]any)
	if isHook {
		was, _ := live["webhook"].(map[string]any)
		hook = field.Overlay(hook, was)
		out["webhook"] = hook
	}
	if token, ok := hook["auth_token"].(schema.Secret); ok && token.Live {
		delete(hook, "auth_token")
		if !d.opts.CompareOnly {
			d.failAt(want, "webhook", "has a token that the files do not declare and that any change of the action would clear",
				"The API replaces an intent's action as a whole.", "Declare webhook.auth_token; null clears it.")
		}
	}
	return out
}
