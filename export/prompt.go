package export

import (
	"cmp"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// promptFolder holds the texts that CUE files embed, in a folder per CUE file.
const promptFolder = "prompts"

// promptWidth is the number of characters up to which a text on one line stays in
// the CUE file.
const promptWidth = 120

// prompts are the text files that belong to one CUE file.
type prompts struct {
	folder string
	names  names
	files  map[string]string // by path
}

func newPrompts(stem string) *prompts {
	return &prompts{folder: path.Join(promptFolder, stem), files: map[string]string{}}
}

// file gives a text a file, named by the field's path, if it deserves one and
// there is a place for files.
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

// deservesFile says whether a text is read better in a file of its own: it has
// several lines, or is a sentence too long for one. What a file would not give
// back byte for byte stays in the CUE source, where it is escaped: control
// characters, a byte order mark (embedding drops it), and line ends of both kinds
// (editors unify them).
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
