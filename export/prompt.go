package export

import (
	"cmp"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mihusync/mihusync/internal/text"
)

// promptFolder holds the embedded texts, in one folder for each CUE file.
const promptFolder = "prompts"

// promptWidth is the largest number of characters of a one-line text in the CUE
// file.
const promptWidth = 120

// prompts are the text files of one CUE file.
type prompts struct {
	folder string
	names  names
	files  map[string]string // by path
}

func newPrompts(stem string) *prompts {
	return &prompts{folder: path.Join(promptFolder, stem), files: map[string]string{}}
}

// file stores a text in a file that is named by the field's path. It returns
// false if the text does not deserve a file or no files are allowed.
func (p *prompts) file(field []string, s string) (string, bool) {
	if p == nil || !deservesFile(s) {
		return "", false
	}
	parts := make([]string, len(field))
	for i, part := range field {
		parts[i] = cmp.Or(fileWord(part, '_'), "x")
	}
	name := path.Join(p.folder, p.names.claim(strings.Join(parts, "."), strings.Join(field, "\x00"))+".md")
	p.files[name] = text.Final(s)
	return name, true
}

// deservesFile says whether a text reads better in a file of its own. It does if
// it has several lines or is a long sentence. A text that a file would not keep
// stays in the CUE source, where it is escaped: one with control characters, with a
// byte order mark, or with other line ends than plain ones.
func deservesFile(s string) bool {
	short := text.Trim(s)
	lines := strings.Contains(short, "\n")
	long := utf8.RuneCountInString(short) > promptWidth && strings.Contains(short, " ")
	if !lines && !long || !text.Kept(s) {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t'
	}) < 0
}
