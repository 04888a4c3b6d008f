package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// FileVersion is the version of the format of saved plans. [DecodeFile] refuses
// files of other versions.
const FileVersion = 2

// File is a plan that was saved for a later apply. It applies only to the same
// workspace, in the same mode, with the same versions. It contains no secrets.
type File struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	// Tool and Schema are the versions that made the plan.
	Tool   string `json:"tool"`
	Schema string `json:"schema"`
	// Workspace is the identity of the workspace: its base URL, its subdomain or
	// "the sandbox".
	Workspace string `json:"workspace"`
	// Dir is the directory of the planned configuration, relative to the file's
	// directory. Files of secrets are relative to its module.
	Dir    string     `json:"dir"`
	Target FileTarget `json:"target"`
	// Mode holds the flags that decided the plan.
	Mode map[string]any `json:"mode,omitempty"`
	Plan *Plan          `json:"plan"`
	// Checksum is the SHA-256 of the file without this field, in hexadecimal.
	Checksum string `json:"checksum,omitempty"`
}

// FileTarget is the target that the plan was made for. Token is a reference to the
// secret.
type FileTarget struct {
	Subdomain string        `json:"subdomain,omitempty"`
	BaseURL   string        `json:"baseUrl,omitempty"`
	Token     schema.Secret `json:"token,omitzero"`
	// Record is where runs are recorded, as the files say.
	Record string `json:"record,omitempty"`
}

// fileFormat is the value of "format" in saved plans.
const fileFormat = "mihusync-plan"

// FileError says why a plan file is refused.
type FileError struct {
	Reason string
	Hint   string
}

func (e *FileError) Error() string { return "the plan file is refused: " + e.Reason }

// Explain returns the reason as a problem.
func (e *FileError) Explain() schema.Problems {
	return schema.Problems{{Summary: e.Error(), Suggestion: e.Hint}}
}

// Encode returns the plan file as JSON with a checksum. The same plan gives the
// same bytes.
func (f *File) Encode() ([]byte, error) {
	out := *f
	out.Format, out.Version, out.Checksum = fileFormat, FileVersion, ""
	sum, err := checksum(&out)
	if err != nil {
		return nil, err
	}
	out.Checksum = sum
	return marshal(&out)
}

// DecodeFile reads a plan file. The error is a [*FileError] if the data is not a
// plan, has another version, was edited, or has a secret in the wrong place.
func DecodeFile(data []byte) (*File, error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	data, err := text.Read(data)
	if err != nil {
		return nil, &FileError{Reason: "it " + err.Error(), Hint: text.Hint}
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
		for _, j := range op.After {
			if j < 0 || j >= len(f.Plan.Ops) || j == i {
				return nil, &FileError{Reason: "its order of writes makes no sense", Hint: "Make the plan again."}
			}
		}
	}
	if err := f.Plan.CheckSecrets(); err != nil {
		return nil, &FileError{Reason: err.Error(), Hint: "Make the plan again from the files."}
	}
	return f, nil
}

// marshal returns indented JSON. It does not escape characters for HTML.
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
	// Decode the JSON first, so that the notation of a number makes no difference.
	plain, err := tree.Decode(b)
	if err != nil {
		return "", err
	}
	c, err := json.Marshal(plain)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(c)
	return hex.EncodeToString(sum[:]), nil
}
