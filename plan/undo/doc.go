// Package undo finds the way back from a run.
//
// Before a run writes, [Of] makes an [Image]: the objects that the plan touches, as they
// were read, and what the plan changes. Later [Back] takes the image and the live
// workspace. It returns what has to be there again, as a declaration, and what was there
// after the run, as its base. A plan of the two does only what undoes the run, and a
// value that changed since is a conflict, as with every base.
//
// An image holds no secret. What cannot come back is told in notes. The package reads
// and writes nothing.
package undo
