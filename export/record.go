package export

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// RecordFile is the path of the [Record] in a folder.
const RecordFile = manifestFile

// Record says which files of a folder exports have written.
type Record struct{ manifest *manifest }

// ReadRecord reads the record of a folder. Without a record it returns an empty
// one. The error says what to do about a record that cannot be read.
func ReadRecord(root *os.Root) (*Record, error) {
	m, err := readManifest(root)
	if err != nil {
		return nil, err
	}
	return &Record{m}, nil
}

// ParseRecord reads the content of a record, for example from an earlier commit.
func ParseRecord(data []byte) (*Record, error) {
	m := &manifest{}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, err
	}
	return &Record{m}, nil
}

// Formats returns the formats of the exported files, sorted.
func (r *Record) Formats() []Format { return slices.Sorted(maps.Keys(r.manifest.Formats)) }

// Names returns the paths of the files of one format, sorted, with slashes. It
// leaves out paths that lead outside the folder, because anybody can edit a
// record.
func (r *Record) Names(format Format) []string {
	var out []string
	for name := range r.manifest.Formats[format] {
		if filepath.IsLocal(filepath.FromSlash(name)) && !strings.ContainsAny(name, "\n\x00") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Wrote says whether an export wrote this content to the file.
func (r *Record) Wrote(format Format, name string, data []byte) bool {
	return r.manifest.Formats[format][name].has(data)
}
