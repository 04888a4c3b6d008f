package export

import (
	"cmp"
	"sort"
	"strings"
	"unicode"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// The layout of an export. All CUE files stand in one folder, because CUE
// unifies a folder with the folders above it and never with those below:
//
//	workspace.cue                the schema and the target
//	agent-support.cue            an object of a kind whose Kind.File has a "*"
//	contact_fields.cue           all objects of a kind whose Kind.File has none
//	prompts/agent-support/objective.md
//
// File names have only lower case letters, digits, "-", "_" and ".", so that
// they mean the same on every file system. A name never ends in "_tool" or
// "_test", which CUE would not load, and is none that Windows reserves. A handle with
// letters that a file name cannot have gets a digest, and so does one whose name
// another handle has. Which other objects there are decides no file's name, and a file
// that an export wrote before keeps its name.

// source is a CUE file to write: a document at a path of the package.
type source struct {
	name string // "agent-support.cue"
	addr string // what it declares: the address of an object, or a kind
	kind string
	at   []string
	body any
	// notes are comments that say what the file does not have.
	notes []string
}

// stem returns the name without ".cue".
func (s source) stem() string { return strings.TrimSuffix(s.name, ".cue") }

// sources returns the CUE files of a workspace.
func (b *builder) sources(ws *schema.Workspace) []source {
	var out []source
	for _, name := range tree.Keys(ws.Objects) {
		objects := editable(ws.Objects[name])
		if len(objects) == 0 {
			continue
		}
		kind := objects[0].Kind
		before, after, each := strings.Cut(fileOf(kind), "*")
		switch {
		case kind.Shape == schema.Singleton:
			v := b.object(objects[0], false)
			if g, ok := v.(*group); ok && g.empty() {
				continue
			}
			out = append(out, source{before, name, name, []string{root, name}, v, notes(objects)})
		case !each:
			out = append(out, source{before, name, name, []string{root, name}, b.collection(objects, false), notes(objects)})
		default:
			objects = byHandle(objects)
			words := b.fileWords(objects, before, after)
			for i, m := range b.collection(objects, true).members {
				out = append(out, source{before + words[i] + after, objects[i].Addr(), name, []string{root, name, m.name}, m.value, notes(objects[i : i+1])})
			}
		}
	}
	return out
}

// root is the field of the package that holds the workspace.
const root = "workspace"

func fileOf(k *schema.Kind) string {
	if k.File == "" {
		return k.Name + ".cue"
	}
	return k.File
}

// editable returns the objects without those that nobody may change.
func editable(objects []*schema.Object) []*schema.Object {
	var out []*schema.Object
	for _, o := range objects {
		if !o.System {
			out = append(out, o)
		}
	}
	return out
}

// fileWords returns a name for the file of each object, without what the names of all
// files of the kind begin and end with. A file that is known keeps its name.
func (b *builder) fileWords(objects []*schema.Object, before, after string) []string {
	var taken names
	out := make([]string, len(objects))
	var order []int
	for i, o := range objects {
		word, begins := strings.CutPrefix(b.known[o.Addr()], before)
		word, ends := strings.CutSuffix(word, after)
		if !begins || !ends || word == "" || taken.has(word) {
			order = append(order, i)
			continue
		}
		taken.add(word)
		out[i] = word
	}
	exact := func(i int) bool { return fileWord(objects[i].Handle, '-') == objects[i].Handle }
	sort.SliceStable(order, func(a, b int) bool { return exact(order[a]) && !exact(order[b]) })
	for _, i := range order {
		out[i] = taken.claim(wordOf(objects[i].Handle), objects[i].Handle)
	}
	return out
}

// wordOf returns the name that the file of a handle has if no other file has it.
func wordOf(handle string) string {
	word := cmp.Or(fileWord(handle, '-'), "x")
	if !lossy(handle) {
		return word
	}
	return word[:min(len(word), maxName-shortDigest-1)] + "-" + digest([]byte(handle))[:shortDigest]
}

// lossy says whether a file's name leaves out what tells a handle from others: letters
// or digits that are not ASCII, or everything.
func lossy(handle string) bool {
	return fileWord(handle, '-') == "" || strings.ContainsFunc(handle, func(r rune) bool { return r > unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsNumber(r)) })
}

// fileWord spells a text with characters that are safe in file names. Lower case
// ASCII letters, digits and keep stay; everything else becomes a "-".
func fileWord(s string, keep rune) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(s) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == keep && keep != '-' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		} else {
			gap = true
		}
	}
	return b.String()
}

// names gives out different file names.
type names struct{ taken map[string]bool }

// maxName limits a name, with folder and digest, to what every file system
// accepts. shortDigest is the number of characters of a digest that tells two apart.
const (
	maxName     = 100
	shortDigest = 6
)

// claim returns name, or name with a digest of id if name is taken or unusable.
func (n *names) claim(name, id string) string {
	if reserved(name) {
		name = "x-" + name
	}
	full := name
	if len(name) > maxName {
		full = ""
		name = name[:maxName]
	}
	for size := shortDigest; full == "" || n.taken[full]; size += 2 {
		full = strings.Trim(name+"-"+digest([]byte(id))[:size], "-.")
	}
	n.add(full)
	return full
}

func (n *names) has(name string) bool { return n.taken[name] }

func (n *names) add(name string) {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	n.taken[name] = true
}

// reserved says whether Windows reserves a name, whatever its extension is.
func reserved(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	if len(base) == 4 && (base[:3] == "com" || base[:3] == "lpt") {
		return base[3] >= '0' && base[3] <= '9'
	}
	return false
}
