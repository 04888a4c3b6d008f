package apply

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Recorder is told of every write, so that a run that was killed can be understood.
// [Run] calls it from several goroutines.
type Recorder interface {
	// Intend is called before a write is sent. If it returns an error, the write is not
	// sent and counts as failed.
	Intend(Intent) error
	// Ended is called when a write has ended, also for writes that were not sent. Its
	// error does not change the outcome of the write; [Result.Unrecorded] has the first.
	Ended(Ending) error
}

// Intent is a write that is about to be sent.
type Intent struct {
	// Index is the place of the write in the plan's list.
	Index int
	Op    *plan.Op
	// Path has the ids in the path of the request. A flow, whose change is many
	// requests, has its id there.
	Path []string
	// Secrets are the secrets that are sent, by their path in the body. A recorder must
	// not keep their values.
	Secrets map[string]SentSecret
}

// SentSecret is a secret that is about to be sent.
type SentSecret struct {
	// Source says where the value comes from.
	Source schema.Secret
	Value  string
}

// Format keeps the value out of every formatting verb.
func (s SentSecret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.Source.String()) }

// Ending is the end of a write.
type Ending struct {
	Index  int
	Op     *plan.Op
	Status Status
	Err    error
	// ID is the id of an object that the write created.
	ID string
	// Note is what a person should know of a write that was done, and why one was
	// skipped.
	Note string
	// Answered lists the values that the service answered with instead of those that
	// were sent.
	Answered []Answered
}

// Answered is a value that the service did not keep as it was sent.
type Answered struct {
	// Path is the place in the body: "settings.voice.speed".
	Path string `json:"path"`
	// Sent and Got are JSON values: 1.5, "fast", nil.
	Sent any `json:"sent"`
	Got  any `json:"got"`
}

// intend tells the recorder of a write.
func (r *runner) intend(i int, path []string) error {
	if r.opts.Record == nil {
		return nil
	}
	op := r.plan.Ops[i]
	in := Intent{Index: i, Op: op, Path: path, Secrets: map[string]SentSecret{}}
	for at, v := range tree.All(op.Body) {
		if s, ok := v.(schema.Secret); ok {
			in.Secrets[at.String()] = SentSecret{Source: s, Value: r.secrets[s]}
		}
	}
	return r.opts.Record.Intend(in)
}

// ended tells the recorder how a write ended, and keeps the first error of it.
func (r *runner) ended(i int, status Status, w written, err error) {
	if r.opts.Record == nil {
		return
	}
	failed := r.opts.Record.Ended(Ending{Index: i, Op: r.plan.Ops[i], Status: status, Err: err, ID: w.id, Note: w.note, Answered: w.answered})
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.unrecorded == nil {
		r.unrecorded = failed
	}
}

// written is what a write that was done has to tell.
type written struct {
	id       string
	note     string // for people
	answered []Answered
	// confirmed says that the answer has every value that was sent.
	confirmed bool
}

// concealed stands for a secret in a body that is compared with an answer.
type concealed struct{}

// answered compares what was sent with the service's answer. A key that the answer
// does not have says nothing, since no source says that an answer is complete. Secrets
// are left out, because the service may mask them.
func (r *runner) answered(body, answer any) []Answered {
	var out []Answered
	differing("", r.concealing(body), answer, &out)
	return out
}

// concealing returns a body with ids for references and without secrets.
func (r *runner) concealing(body any) any {
	return tree.Map(body, func(v any) any {
		switch v := v.(type) {
		case schema.Secret:
			return concealed{}
		case schema.Ref:
			id, err := r.ref(v)
			if err != nil {
				return concealed{}
			}
			return id
		}
		return v
	})
}

// confirms says whether an answer has every value that was sent. A body without values
// is not confirmed. Secrets are left out, as in [runner.answered].
func (r *runner) confirms(body, answer any) bool {
	return !schema.Absent(body) && has(answer, r.concealing(body))
}

// has says whether an answer has a value: all members of an object, and the same items
// of a list in any order.
func has(got, sent any) bool {
	switch s := sent.(type) {
	case concealed:
		return true
	case map[string]any:
		g, ok := got.(map[string]any)
		for k, v := range s {
			e, there := g[k]
			ok = ok && there && has(e, v)
		}
		return ok
	case []any:
		g, ok := got.([]any)
		left := slices.Clone(g)
		for _, v := range s {
			i := slices.IndexFunc(left, func(e any) bool { return has(e, v) })
			if i < 0 {
				return false
			}
			left = slices.Delete(left, i, i+1)
		}
		return ok && len(left) == 0
	}
	return schema.Absent(sent) && schema.Absent(got) || tree.Equal(sent, got)
}

// differing adds the places where an answer has another value than was sent.
func differing(at string, sent, got any, out *[]Answered) {
	switch s := sent.(type) {
	case concealed:
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return // another form of the answer says nothing
		}
		for _, k := range tree.Keys(s) {
			if v, there := g[k]; there {
				differing(join(at, k), s[k], v, out)
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(s) != len(g) || sameItems(s, g) {
			return
		}
		for i := range s {
			differing(at+"["+strconv.Itoa(i)+"]", s[i], g[i], out)
		}
	default:
		if schema.Absent(sent) && schema.Absent(got) || compound(got) || tree.Equal(sent, got) {
			return
		}
		*out = append(*out, Answered{Path: at, Sent: sent, Got: got})
	}
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

// sameItems says whether two lists have the same items in any order.
func sameItems(a, b []any) bool {
	left := slices.Clone(b)
	for _, v := range a {
		i := slices.IndexFunc(left, func(w any) bool { return tree.Equal(v, w) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

// compound says whether a value has members.
func compound(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}
