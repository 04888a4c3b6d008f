package export

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sort"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// secret is a reference that a document has in place of a value.
type secret struct {
	from   schema.Secret
	addr   string   // of the object
	owners []string // handles from the top to the object
	parts  []string // nested singletons that it is in
	path   []string // of the field within it
}

// form returns the declaration of the reference.
func (s *secret) form() *group {
	g := &group{}
	g.add(s.from.Declared())
	return g
}

// env returns the variable that the reference names, or "".
func (s *secret) env() string {
	if s.from.Source == schema.SecretEnv {
		return s.from.Arg
	}
	return ""
}

// secrets collects the references of all documents, so that each gets a variable
// of its own.
type secrets struct{ all []*secret }

// secret returns a reference for a value. No code after it sees the value.
func (s scope) secret(v any, path []string) any {
	if v == nil {
		return nil
	}
	ref := &secret{addr: s.object.Addr(), owners: owners(s.object), path: path}
	for o := s.object; o != nil && o.Handle == "" && o.Parent != nil; o = o.Parent {
		ref.parts = append([]string{o.Kind.Name}, ref.parts...)
	}
	if known, ok := v.(schema.Secret); ok && !known.Live {
		ref.from = known
	}
	s.secrets.all = append(s.secrets.all, ref)
	return ref
}

func owners(o *schema.Object) []string {
	if o == nil {
		return nil
	}
	up := owners(o.Parent)
	switch {
	case o.Handle != "":
		return append(up, o.Handle)
	case o.Parent == nil:
		return append(up, o.Kind.Name)
	default:
		return up
	}
}

// name gives a variable to every reference without one. Its name has the handles
// and the field. If two names are equal, both get the field's path, then the
// whole address, then a digest of it. The names do not depend on any order.
func (s *secrets) name(reserved ...string) {
	taken := map[string]bool{"": true}
	for _, r := range reserved {
		taken[r] = true
	}
	var open []*secret
	for _, ref := range s.all {
		switch {
		case ref.env() != "":
			taken[ref.env()] = true
		case ref.from.Source == "":
			open = append(open, ref)
		}
	}
	sort.SliceStable(open, func(i, j int) bool { return open[i].id() < open[j].id() })
	for _, form := range []func(*secret) string{(*secret).short, (*secret).medium, (*secret).long, (*secret).digest} {
		count := map[string]int{}
		for _, ref := range open {
			count[form(ref)]++
		}
		rest := open[:0]
		for _, ref := range open {
			if env := form(ref); count[env] == 1 && !taken[env] {
				ref.from = schema.EnvSecret(env)
			} else {
				rest = append(rest, ref)
			}
		}
		for env := range count {
			taken[env] = true
		}
		open = rest
	}
}

func (s *secret) id() string { return s.addr + "\x00" + strings.Join(s.path, "\x00") }

func (s *secret) short() string {
	return variable(append(s.owners[:len(s.owners):len(s.owners)], s.path[len(s.path)-1]))
}

func (s *secret) medium() string {
	return variable(slices.Concat(s.owners, s.parts, s.path))
}

func (s *secret) long() string {
	return variable(append(strings.Split(s.addr, "/"), s.path...))
}

func (s *secret) digest() string {
	sum := sha256.Sum256([]byte(s.id()))
	return s.short() + "_" + strings.ToUpper(hex.EncodeToString(sum[:6]))
}

// variable returns a name for an environment variable that every shell accepts.
func variable(parts []string) string {
	var b strings.Builder
	for _, part := range parts {
		gap := b.Len() > 0
		for _, r := range strings.ToUpper(part) {
			if r < 'A' && (r < '0' || r > '9') || r > 'Z' {
				gap = b.Len() > 0
				continue
			}
			if gap {
				b.WriteByte('_')
				gap = false
			}
			b.WriteRune(r)
		}
	}
	name := b.String()
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		return "MIHU_" + name
	}
	return name
}

// variables returns the environment variables in use.
func (s *secrets) variables() []string {
	seen := map[string]bool{}
	var out []string
	for _, ref := range s.all {
		if env := ref.env(); env != "" && !seen[env] {
			seen[env] = true
			out = append(out, env)
		}
	}
	sort.Strings(out)
	return out
}
