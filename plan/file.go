package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// FileVersion is the version of the format of saved plans. A file of another
// version is refused.
const FileVersion = 1

// File is a plan saved for a later apply. It is bound to the workspace, the mode
// and the versions it was made with, and holds no secrets.
type File struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	// Tool and Schema are the versions that made the plan.
	Tool   string `json:"tool"`
	Schema string `json:"schema"`
	// Workspace is the base address of the service's API.
	Workspace string `json:"workspace"`
	// Dir is the directory that was planned, relative to the file's own. Secrets
	// that come from files are found from there.
	Dir    string     `json:"dir"`
	Target FileTarget `json:"target"`
	// Mode holds the options that decided what the plan is about.
	Mode map[string]any `json:"mode,omitempty"`
	Plan *Plan          `json:"plan"`
	// Checksum is the SHA-256 of the file without it.
	Checksum string `json:"checksum,omitempty"`
}

// FileTarget is how the workspace was named. The token is a reference.
type FileTarget struct {
	Subdomain string        `json:"subdomain,omitempty"`
	BaseURL   string        `json:"baseUrl,omitempty"`
	Token     schema.Secret `json:"token,omitzero"`
}

// fileFormat marks the files of this tool.
const fileFormat = "mihusync-plan"

// FileError says why a plan file is refused.
type FileError struct {
	Reason string
	Hint   string
}

func (e *FileError) Error() string { return "the plan file is refused: " + e.Reason }

// Encode writes a plan file. The same plan gives the same bytes.
func (f *File) Encode() ([]byte, error) {
	out := *f
	out.Format, out.Version, out.Checksum = fileFormat, FileVersion, ""
	p := *f.Plan
	p.Ops = make([]*Op, len(f.Plan.Ops))
	for i, op := range f.Plan.Ops {
		o := *op
		o.Path, _ = tag(op.Path).([]any)
		o.Body, o.Bare = tag(op.Body), tag(op.Bare)
		p.Ops[i] = &o
	}
	p.Changes = make([]*Change, len(f.Plan.Changes))
	for i, ch := range f.Plan.Changes {
		n := *ch
		n.Fields = make([]FieldChange, len(ch.Fields))
		for j, c := range ch.Fields {
			c.Before, c.After, c.Base = tag(c.Before), tag(c.After), tag(c.Base)
			n.Fields[j] = c
		}
		n.Effective, _ = tag(ch.Effective).(map[string]any)
		p.Changes[i] = &n
	}
	out.Plan = &p
	sum, err := checksum(&out)
	if err != nil {
		return nil, err
	}
	out.Checksum = sum
	return marshal(&out)
}

// DecodeFile reads a plan file. The error is a [*FileError] when the file is not
// a plan, of another version, or was edited.
func DecodeFile(data []byte) (*File, error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, &FileError{Reason: "it is not JSON: " + err.Error(), Hint: "Give a file that plan --out wrote, or a directory."}
	}
	if head.Format != fileFormat {
		return nil, &FileError{Reason: "it is not a saved plan", Hint: "Give a file that plan --out wrote, or a directory."}
	}
	if head.Version != FileVersion {
		return nil, &FileError{Reason: fmt.Sprintf("it has version %d, this tool reads version %d", head.Version, FileVersion), Hint: "Make the plan again with this version of mihusync."}
	}
	f := &File{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		return nil, &FileError{Reason: "it is damaged: " + err.Error(), Hint: "Make the plan again."}
	}
	if f.Plan == nil {
		return nil, &FileError{Reason: "it holds no plan", Hint: "Make the plan again."}
	}
	want := f.Checksum
	f.Checksum = ""
	got, err := checksum(f)
	if err != nil {
		return nil, err
	}
	if got != want {
		return nil, &FileError{Reason: "it was edited after it was made", Hint: "Change the configuration and make the plan again."}
	}
	for i, op := range f.Plan.Ops {
		op.Path, _ = untag(op.Path).([]any)
		op.Body, op.Bare = untag(op.Body), untag(op.Bare)
		for _, j := range op.After {
			if j < 0 || j >= len(f.Plan.Ops) || j == i {
				return nil, &FileError{Reason: "its order of writes makes no sense", Hint: "Make the plan again."}
			}
		}
	}
	f.Plan.canonicalise()
	return f, nil
}

// marshal writes indented JSON without escaping what HTML would need.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func checksum(f *File) (string, error) {
	b, err := marshal(f)
	if err != nil {
		return "", err
	}
	// Through plain values, so that how a number was decoded makes no difference.
	var plain any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&plain); err != nil {
		return "", err
	}
	c, err := json.Marshal(plain)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(c)
	return hex.EncodeToString(sum[:]), nil
}

// Tags mark in JSON what is not JSON: references and secrets.
const (
	refTag    = "$ref"
	secretTag = "$secret"
)

func tag(v any) any {
	switch v := v.(type) {
	case schema.Ref:
		m := map[string]any{"kind": v.Kind, "name": v.Name, "addr": v.Addr}
		if v.ID != "" {
			m["id"] = v.ID
		}
		return map[string]any{refTag: m}
	case schema.Secret:
		return map[string]any{secretTag: map[string]any{"env": v.Env, "file": v.File, "live": v.Live}}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = tag(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = tag(e)
		}
		return out
	}
	return v
}

func untag(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if m, ok := v[refTag].(map[string]any); ok && len(v) == 1 {
			return schema.Ref{Kind: str(m["kind"]), Name: str(m["name"]), Addr: str(m["addr"]), ID: str(m["id"])}
		}
		if m, ok := v[secretTag].(map[string]any); ok && len(v) == 1 {
			live, _ := m["live"].(bool)
			return schema.Secret{Env: str(m["env"]), File: str(m["file"]), Live: live}
		}
		for k, e := range v {
			v[k] = untag(e)
		}
	case []any:
		for i, e := range v {
			v[i] = untag(e)
		}
	case json.Number:
		return schema.CanonicalNumber(v)
	}
	return v
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

// canonicalise turns the numbers of a decoded plan into the normal form's.
func (p *Plan) canonicalise() {
	for i := range p.Touched {
		p.Touched[i].Fields, _ = untag(p.Touched[i].Fields).(map[string]any)
	}
	for _, c := range p.Changes {
		for i := range c.Fields {
			f := &c.Fields[i]
			f.Before, f.After, f.Base = untag(f.Before), untag(f.After), untag(f.Base)
		}
		c.Effective, _ = untag(c.Effective).(map[string]any)
		c.Flow.canonicalise()
	}
	for _, op := range p.Ops {
		op.Flow.canonicalise()
	}
}

func (c *FlowChange) canonicalise() {
	if c == nil {
		return
	}
	c.Set, _ = untag(c.Set).(map[string]any)
	for i := range c.Script {
		for j := range c.Script[i].Fields {
			f := &c.Script[i].Fields[j]
			f.Before, f.After = untag(f.Before), untag(f.After)
		}
	}
}
