// Package load reads the CUE files of a workspace.
//
// The input is a directory, with tags for its @tag attributes. The result is a
// [Config]: the workspace in normal form, its target, and the paths of the files.
// Every object and every step has the file, line and column of its declaration.
//
// CUE decides whether the files are valid. If they are not, the package reads them
// again without the schema. It compares each part with the definitions in package
// schema. It then says in words what is wrong, where it is, and what to write
// instead. It reports all problems at once. After CUE, the package checks what CUE
// cannot express: references, names that two objects share, and the steps of flows.
//
// Reading works offline and writes nothing. It never leaves the module's directory,
// even through links. It runs no programs. It does not read the secrets that the
// files name.
package load
