// Package schema says what a workspace is: its kinds, their fields, its objects.
//
// The definitions in cue/ are the source. They are written for users, who import them,
// and their @mihu attributes tell what the API adds to a field. The package compiles
// them once to [Kind]s with [Field]s. A Field says what it takes ([Field.Domain]), what
// other fields ask of it ([Field.Demands]), and how the API writes it. [Kind.Decode] and
// [Field.Encode] follow it alone.
//
// [Workspace] is the normal form that all comparing works on. Package load makes one of
// files, package export one of a live workspace. [Problem] is the form of everything
// that can be wrong.
//
// The package reads no files and sends no requests.
package schema
