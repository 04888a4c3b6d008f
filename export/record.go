package export

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// RecordFile is where a folder keeps the [Record] of the exports into it.
const RecordFile = manifestFile

// Record tells which files of a folder exports wrote.
type Record struct{ manifest *manifest }

// ReadRecord reads the record of a folder, an empty one where there is none. The
// error tells what to do about a record that cannot be read.
func ReadRecord(root *os.Root) (*Record, error) {
	m, err := readManifest(root)
	if err != nil {
		return nil, err
	}
	return &Record{m}, nil
}

// ParseRecord reads a record that was in a folder once.
func ParseRecord(data []byte) (*Record, error) {
	m := &manifest{}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, err
	}
	return &Record{m}, nil
}

// Formats are the forms in which files were exported, sorted.
func (r *Record) Formats() []Format { return slices.Sorted(maps.Keys(r.manifest.Formats)) }

// Names are the paths of the files of one form, sorted, with slashes. A record can
// be edited like any file: paths that leave the folder are left out.
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

// Wrote says whether an export gave the file this content.
func (r *Record) Wrote(format Format, name string, data []byte) bool {
	return r.manifest.Formats[format][name].has(data)
}
