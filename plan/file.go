package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
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

// Explain tells the reason as a problem.
func (e *FileError) Explain() schema.Problems {
	return schema.Problems{{Summary: e.Error(), Suggestion: e.Hint}}
}

// Encode writes a plan file. The same plan gives the same bytes.
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
	// Through plain values, so that the notation of a number makes no difference.
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
