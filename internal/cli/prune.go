package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/mihusync/mihusync/schema"
)

// pruneFlag asks to delete what no file declares: "--prune" of every declared
// kind, "--prune=agents,flows" of those. Without the flag nothing is pruned.
type pruneFlag map[string]bool

// allKinds means every kind, as in plan.Options.
const allKinds = "*"

// IsBool lets the flag stand without a value.
func (*pruneFlag) IsBool() bool { return true }

// Decode reads the kinds after "=".
func (p *pruneFlag) Decode(ctx *kong.DecodeContext) error {
	if *p == nil {
		*p = pruneFlag{}
	}
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		(*p)[allKinds] = true
		return nil
	}
	for _, name := range strings.Split(ctx.Scan.Pop().String(), ",") {
		k := schema.KindOf(name)
		if k == nil || k.Shape != schema.Collection {
			return fmt.Errorf("%q is no kind of object that can be pruned, those are %s", name, strings.Join(prunable(), ", "))
		}
		(*p)[name] = true
	}
	return nil
}

func prunable() []string {
	var out []string
	for _, k := range schema.TopKinds() {
		if k.Shape == schema.Collection {
			out = append(out, k.Name)
		}
	}
	return out
}
