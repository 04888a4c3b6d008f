package export

import (
	"errors"
	"io/fs"
	"os"

	"github.com/mihusync/mihusync/internal/text"
)

// AttributesFile is the path of the file that keeps git from changing line ends.
const AttributesFile = ".gitattributes"

// Attributes is its content: git takes the files as text and checks them out with
// plain line ends on every system, whatever core.autocrlf says.
const Attributes = "* text=auto eol=lf\n"

// writeAttributes writes the file, unless there is one. Another one may be somebody's
// own: it is not touched, and is not the export's.
func (w *Written) writeAttributes(root *os.Root) error {
	info, err := root.Lstat(AttributesFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		w.Created = append([]string{AttributesFile}, w.Created...) // it sorts before every other file
		return replaceFile(root, AttributesFile, []byte(Attributes))
	case err != nil || !info.Mode().IsRegular():
		return err
	}
	data, err := root.ReadFile(AttributesFile)
	if string(text.Normal(data)) == Attributes {
		w.Unchanged++
	}
	return err
}
