package laws

import (
	"strings"
	"testing"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

// variants are the answers that the facts leave open, one switch each and a
// mixture.
var variants = map[string]sandbox.Variants{
	"lists in data":      {ListShape: "data"},
	"lists in items":     {ListShape: "items"},
	"plain lists":        {ListShape: "array"},
	"small pages":        {PageCap: 2, ListShape: "data"},
	"no pager":           {NoPager: true, ListShape: "items"},
	"creates answer 200": {CreateStatus: 200},
	"bare envelope":      {BareEnvelope: true},
	"empty deletes":      {EmptyDelete: true},
	"unknown fields":     {ExtraFields: true},
	"fields to read":     {ExtraFields: true, Strict: true},
	"mirrors":            {Mirrors: true, Strict: true},
	"no channels":        {NoChannels: true},
	"channels as rows":   {ChannelRows: true},
	"flags in items":     {FlagRows: "items", PageCap: 2},
	"flags alone":        {FlagRows: "array"},
	"no action: null":    {NoAction: "null"},
	"no action: {}":      {NoAction: "{}"},
	"no action: []":      {NoAction: "[]"},
	"empty":              {EmptyAs: "empty"},
	"absent":             {EmptyAs: "absent"},
	"null":               {EmptyAs: "null"},
	"numbers as 1.0":     {NumberForm: "1.0"},
	"any order":          {Shuffle: true},
	"error code in data": {DataError: true},
	"settings in agents": {AgentSettingsFilled: true},
	"masked secrets":     {MaskSecrets: true},
	"head of branch":     {HeadOfBranch: "accept"},
	"small agents":       {MinimalAgentList: true},
	"records in sources": {SourceRecords: true},
	"ties in any order":  {ShuffleTies: true},
	"tuning by key":      {TuningKey: "key"},
	"tuning by name":     {TuningKey: "name"},
	"tuning as a map":    {TuningForm: "map"},
	"tuning in fields":   {TuningForm: "fields", TuningKey: "key"},
	"tuning map inside":  {TuningForm: "fields map"},
	"unset in brackets":  {EmptyAs: "brackets"},
	"everything at once": {
		ListShape: "items", PageCap: 3, CreateStatus: 200, BareEnvelope: true, EmptyDelete: true, ExtraFields: true, EmptyAs: "absent", NumberForm: "1.0", Shuffle: true,
		DataError: true, AgentSettingsFilled: true, MaskSecrets: true, HeadOfBranch: "accept", MinimalAgentList: true, SourceRecords: true,
		Mirrors: true, NoAction: "null",
	},
}

// states are the variants that show in an export, because they decide what a service
// holds.
var states = map[string]sandbox.Variants{
	"beyond the lists":       {Beyond: true},
	"nulls filled":           {RefillNull: true},
	"twins in catalogs":      {Twins: true},
	"unknown fields inside":  {ExtraFields: true, ExtraInside: true},
	"twins and filled nulls": {Twins: true, RefillNull: true, Beyond: true, ExtraInside: true},
}

// Laws 1, 2, 3, 9 and 10 hold however the service answers where the facts leave it
// open.
func TestLawsUnderEveryVariant(t *testing.T) {
	all := merged(variants, states)
	for _, name := range sortedKeys(all) {
		v := all[name]
		c := catalogUnder(t, v)
		t.Run(name, func(t *testing.T) {
			check(t, 3, func(l lab) {
				w := l.world(1, &config{variants: v})
				first := workspacesFor(c, 2, v).Draw(l.t, "workspace")
				l.sync(w, l.files(first))
				second := successorsFor(c, first, 2, v).Draw(l.t, "successor")
				dir := l.files(second)
				l.sync(w, dir)
				l.empty(w, dir, "after a transition")
				out := l.export(w)
				l.empty(w, out, "of an export", withoutSecrets)
				if l.dangles(out) {
					return // an intent went, a step that no file declares still names it
				}
				other := l.world(2, &config{variants: v})
				l.sync(other, out)
				l.empty(other, out, "of the copy", withoutSecrets)
				if !v.RefillNull { // else the copy fills what is empty here
					l.sameFiles(out, l.export(other), "an export of a copy")
				}
			})
		})
	}
}

// Law 10: an export of a workspace that shows what nobody described is brought to an
// empty one that refuses such keys, plans empty there, and is exported as the same.
func TestMirrorsStayWhereTheyAre(t *testing.T) {
	c := catalogOf(t)
	check(t, 10, func(l lab) {
		source := l.world(1, &config{variants: sandbox.Variants{Mirrors: true, ExtraFields: true}})
		l.sync(source, l.files(workspaces(c, 3, false).Draw(l.t, "workspace")))
		out := l.export(source)
		l.empty(source, out, "of an export", withoutSecrets)
		target := l.world(2, &config{variants: sandbox.Variants{Strict: true}})
		l.sync(target, out)
		l.empty(target, out, "of the copy", withoutSecrets)
		l.sameFiles(out, l.export(target), "an export of the copy")
	})
}

// dangles says whether something exported refers to an id that nothing has.
func (l lab) dangles(dir string) bool {
	for _, text := range l.tree(dir) {
		if strings.Contains(text, `"uuid:`) {
			return true
		}
	}
	return false
}

// Law 8: what a service leaves open does not show in an export.
func TestVariantsExportAlike(t *testing.T) {
	c := catalogOf(t)
	check(t, 3, func(l lab) {
		dir := l.files(workspaces(c, 2, false).Draw(l.t, "workspace"))
		var first string
		for _, name := range sortedKeys(variants) {
			w := l.world(1, &config{variants: variants[name]})
			if err := l.tryApply(w, l.plan(w, dir), 1); err != nil { // the order of creation shows in what the service numbers
				l.t.Fatalf("apply: %s", explain(err))
			}
			out := l.export(w)
			if first == "" {
				first = out
				continue
			}
			l.sameFiles(first, out, "an export under "+name)
		}
	})
}
