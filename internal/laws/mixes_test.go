package laws

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/internal/promote"
	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
)

// mixes is the number of drawn mixes of answers that the laws are tried under.
var mixes = flag.Int("mixes", 20, "try the laws under this many drawn mixes of answers")

// drawVariants draws a mix of everything that the facts leave open.
func drawVariants(t *rapid.T, name string) sandbox.Variants {
	flip := func(what string) bool { return rapid.Bool().Draw(t, name+": "+what) }
	one := func(what string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name+": "+what) }
	number := func(what string, of ...int) int { return rapid.SampledFrom(of).Draw(t, name+": "+what) }
	return sandbox.Variants{
		ListShape: one("lists", "", "array", "data", "items"), PageCap: number("page", 0, 2, 3), NoPager: flip("no pager"),
		CreateStatus: number("create", 200, 201), BareEnvelope: flip("bare"), EmptyDelete: flip("empty delete"),
		NoAction: one("no action", "404", "null", "{}", "[]"), FlagRows: one("flags", "fields", "array", "items", "data"),
		Mirrors: flip("mirrors"), NoChannels: flip("no channels"), ChannelRows: flip("channel rows"),
		Strict: flip("strict"), ExtraFields: flip("extra fields"), EmptyAs: one("empty", "", "null", "empty", "absent", "brackets"),
		NumberForm: one("numbers", "", "1.0"), Shuffle: flip("shuffle"), ShuffleTies: flip("ties"), DataError: flip("data error"),
		AgentSettingsFilled: flip("settings"), MaskSecrets: flip("mask"), HeadOfBranch: one("head", "accept", "refuse"),
		MinimalAgentList: flip("small agents"), SourceRecords: flip("records"),
		TuningKey: one("tuning key", "field", "key", "name"), TuningForm: one("tuning", "list", "map", "fields", "fields map"),
		RefillNull: flip("refill"), ExtraInside: flip("inside"),
	}
}

// sharedVariants draws what two services must have in common to hold the same: values
// beyond the lists, and catalogs in which a name needs more to be told apart.
func sharedVariants(t *rapid.T, a, b *sandbox.Variants) {
	a.Beyond, a.Twins = rapid.Bool().Draw(t, "beyond"), rapid.Bool().Draw(t, "twins")
	b.Beyond, b.Twins = a.Beyond, a.Twins
}

// TestLawsUnderMixes tries the laws on two services that differ in ids and in
// everything that the facts leave open: exports and plans, transitions, a copy into an
// empty workspace, a promotion, one fault.
func TestLawsUnderMixes(t *testing.T) {
	done := 0
	check(t, *mixes, func(l lab) {
		a, b := drawVariants(l.t, "source"), drawVariants(l.t, "target")
		sharedVariants(l.t, &a, &b)
		c := catalogUnder(t, a)
		first := workspacesFor(c, 2, a).Draw(l.t, "workspace")
		second := successorsFor(c, first, 2, a).Draw(l.t, "successor")

		// A transition shows what it does, converges, and does it once.
		source := l.world(1, &config{variants: a})
		l.serially(source, l.plan(source, l.files(first)))
		dir := l.files(second)
		p := l.plan(source, dir)
		l.visible(p)
		l.serially(source, p)
		l.promised(source, p)
		l.empty(source, dir, "after a transition")
		l.noTwins(source)

		// What people did in the dashboard is exported, and the export plans empty. Reading
		// sends no write, and the same state gives the same bytes.
		l.dashboard(source, liveDrawer(l.t, c), false)
		writes := source.wire.Writes()
		out := l.export(source)
		l.empty(source, out, "of an export", withoutSecrets)
		l.sameTree(out, l.export(source), "a second export")
		if n := source.wire.Writes() - writes; n > 0 {
			l.t.Fatalf("exporting and planning sent %d writes", n)
		}
		for name, text := range l.tree(out) {
			if strings.Contains(text, "value-of-") || strings.Contains(text, token) {
				l.t.Fatalf("%s holds a secret", name)
			}
		}
		if l.dangles(out) {
			done++
			return // an intent went, a step that no file declares still names it
		}

		// An empty workspace that answers in other ways becomes the same.
		target := l.world(2, &config{variants: b})
		l.serially(target, l.plan(target, out))
		l.empty(target, out, "of the copy", withoutSecrets)
		if !b.RefillNull { // else the target fills what the source has not
			l.sameFiles(out, l.export(target), "an export of a copy")
		}

		l.promotion(source, b, out)
		l.oneFault(b, out)
		done++
	})
	t.Logf("%d mixes of answers, two services each: the laws hold", done)
}

// serially applies one write at a time. Pages of two rows shift under a reader when
// another write adds a row meanwhile; then a write fails that a rerun completes, which is
// no matter of the form of answers.
func (l lab) serially(w *world, p *plan.Plan) {
	l.t.Helper()
	if err := l.tryApply(w, p, 1); err != nil {
		l.t.Fatalf("apply: %s\nplan:\n%s", explain(err), show(p))
	}
}

// promotion moves what a service has to another one that has nothing, by meaning, and
// compares the two. The files of dir say what belongs to the target's environment.
func (l lab) promotion(source *world, v sandbox.Variants, dir string) {
	l.t.Helper()
	target := l.world(3, &config{variants: v})
	p, err := promote.Plan(context.Background(), l.read(source), l.load(dir), target.client.Reader(), promote.Options{PlanOptions: planOptions()})
	if err != nil {
		l.t.Fatalf("no promotion: %s", explain(err))
	}
	l.serially(target, p)
	d, err := plan.Diff(l.read(source), l.read(target))
	if err != nil {
		l.t.Fatalf("no comparison: %s", explain(err))
	}
	for _, c := range d.Changed { // what the source leaves unset the target may have filled
		c.Fields = slices.DeleteFunc(c.Fields, func(f field.Change) bool { return field.Empty(f.Before) })
	}
	d.Changed = slices.DeleteFunc(d.Changed, func(c *plan.Change) bool {
		// Numbers belong to an environment. An assignment without a name gets one in files.
		return len(c.Fields) == 0 || strings.HasSuffix(c.Addr, "/channels") || strings.HasSuffix(c.Addr, "/appointments")
	})
	if !d.Empty() {
		l.t.Fatalf("what was promoted differs:\n%s", strings.Join(told(d), "\n"))
	}
}

// oneFault lets one request of an apply fail; running again gives what is declared.
func (l lab) oneFault(v sandbox.Variants, dir string) {
	l.t.Helper()
	w := l.world(5, &config{variants: v})
	p := l.plan(w, dir)
	if len(p.Ops) == 0 {
		return
	}
	fault := rapid.SampledFrom(testkit.Faults()).Draw(l.t, "fault")
	at := rapid.IntRange(0, 2*len(p.Ops)).Draw(l.t, "request")
	if err := w.connect(&config{variants: v, faults: testkit.At(at, fault)}); err != nil {
		l.t.Fatal(err)
	}
	failed := l.tryApply(w, p, 1)
	if err := w.connect(&config{variants: v}); err != nil {
		l.t.Fatal(err)
	}
	again := l.plan(w, dir)
	if failed == nil && !isEmpty(again) {
		l.t.Fatalf("apply met a fault (%s at %d), reported success, and left work:\n%s", fault, at, show(again))
	}
	l.serially(w, again)
	l.empty(w, dir, fmt.Sprintf("after a fault (%s at request %d)", fault, at))
	l.noTwins(w)
}
