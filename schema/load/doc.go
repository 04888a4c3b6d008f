// Package load reads the CUE files of a workspace.
//
// What comes in is a directory, with tags for its @tag attributes. What goes out is a
// [Config]: the workspace in normal form, where it lives, and the files that it was
// read from. Every object and every step knows the file, line and column that declare
// it.
//
// CUE decides whether the files are valid. Where they are not, the package reads them
// once more without the schema, holds each part against the definitions in package
// schema, and says in words what is wrong, where, and what to write instead. It tells
// everything at once. What CUE cannot express is checked afterwards: references, names
// that two objects share, the steps of flows.
//
// Reading works offline and writes nothing. It stays below the directory of the
// module, whatever links lie there. It runs no programs, and it does not read the
// secrets that the files name.
package load
