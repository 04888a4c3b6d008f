// Package export writes the live state of a workspace to files.
//
// [Read] turns the API's answers into the normal form. Its source has no method
// that writes. [Write] turns a normal form into files that a person would have
// written: one object a file, handles for ids, references for secrets, long
// texts in files of their own, and nothing that the service would choose by
// itself.
//
// Write promises:
//
//   - The same workspace gives the same bytes.
//   - The files load as one CUE instance that means the workspace.
//   - A file that Write did not write, or that somebody edited, is never changed or
//     removed.
//   - If nothing is to change, nothing is written.
package export
