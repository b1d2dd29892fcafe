// Package desk is where an article is written: the text that its editors work on, which readers do not see until it is
// filed, its revisions, who is writing, and what colleagues say of it.
//
// Promises:
//   - Nothing that was sent is lost. A save that comes late, after somebody else wrote or took over, is kept as a revision
//     aside, and whoever sent it is told which. A save that is sent twice is one. Of what a writer's window saves by itself
//     within two minutes the latest stays, while it has every picture and all but a few words of the one before.
//   - What readers have changes when File is called, and by nothing else here.
//   - Who writes is a courtesy, not a right: a lock tells colleagues and lapses by itself. The version that a save builds
//     upon is what keeps one from undoing the other.
package desk
