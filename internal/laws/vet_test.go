package laws

import (
	"os"
	"path/filepath"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/inject/embed"
	cueload "cuelang.org/go/cue/load"
	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/schema"
)

// vetted bounds the exports of one law that are held against CUE alone.
const vetted = 3

// Law 12: whatever is live, an export is valid, for mihusync and for CUE alone.
func TestExportsAreValidCUE(t *testing.T) {
	c := catalogOf(t)
	names := sortedKeys(variants)
	check(t, 8, func(l lab) {
		v := variants[rapid.SampledFrom(names).Draw(l.t, "variant")]
		w := l.world(1, &config{variants: v})
		l.sync(w, l.files(workspaces(c, 3, false).Draw(l.t, "workspace")))
		l.dashboard(w, liveDrawer(l.t, c), true)
		dir := l.export(w)
		l.load(dir)
		l.vet(dir)
	})
}

// vet loads a folder as the command cue vet does, with the definitions in the module.
func (l lab) vet(dir string) {
	l.t.Helper()
	overlay := map[string]cueload.Source{}
	for _, s := range schema.Sources() {
		overlay[filepath.Join(dir, filepath.FromSlash(schema.SchemaDir), s.Name)] = cueload.FromBytes(s.Text)
	}
	instances := cueload.Instances([]string{"."}, &cueload.Config{
		Dir: dir, Overlay: overlay, Env: append(os.Environ(), "CUE_REGISTRY=none"),
	})
	if len(instances) != 1 || instances[0].Err != nil {
		l.t.Fatalf("CUE does not load %s: %v", dir, instances[0].Err)
	}
	v := cuecontext.New(cuecontext.WithInjection(embed.New())).BuildInstance(instances[0])
	if err := v.Validate(cue.Concrete(true), cue.Final()); err != nil {
		l.t.Fatalf("CUE refuses an export: %s", errors.Details(err, nil))
	}
}
