package export

import (
	"cmp"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
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
func (p *prompts) file(field []string, text string) (string, bool) {
	if p == nil || !deservesFile(text) {
		return "", false
	}
	parts := make([]string, len(field))
	for i, part := range field {
		parts[i] = cmp.Or(fileWord(part, '_'), "x")
	}
	name := path.Join(p.folder, p.names.claim(strings.Join(parts, "."), strings.Join(field, "\x00"))+".md")
	p.files[name] = text
	return name, true
}

// deservesFile says whether a text reads better in a file of its own. It does if
// it has several lines or is a long sentence. A text that a file would not keep
// byte for byte stays in the CUE source, where it is escaped: one with control
// characters, with a byte order mark (embedding drops it), or with line ends of
// both kinds (editors unify them).
func deservesFile(text string) bool {
	lines := strings.Contains(strings.TrimSuffix(text, "\n"), "\n")
	long := utf8.RuneCountInString(text) > promptWidth && strings.Contains(text, " ")
	if !lines && !long || !utf8.ValidString(text) || strings.HasPrefix(text, "\ufeff") {
		return false
	}
	if cr := strings.Count(text, "\r"); cr > 0 && (cr != strings.Count(text, "\r\n") || cr != strings.Count(text, "\n")) {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r'
	}) < 0
}

// promptAttributes keeps git from changing the line ends of texts on checkout.
func promptAttributes() file {
	return file{name: path.Join(promptFolder, ".gitattributes"), data: []byte("* -text\n")}
}
