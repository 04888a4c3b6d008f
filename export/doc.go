// Package export brings the live state of a workspace into files.
//
// [Read] turns the API's answers into the normal form; it is given a source that
// has no methods that write. [Write] turns a normal form into files that a person
// would have written: an object per file, handles instead of ids, references
// instead of secrets, long texts beside the code, and nothing that the service
// would choose by itself.
//
// What Write promises: the same workspace gives the same bytes; what it wrote
// loads as one CUE instance that means the workspace it was given; a file it did
// not write, or that somebody edited since, is never changed or removed; and where
// nothing is to change, nothing is written.
package export
