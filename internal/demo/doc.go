// Package demo fills an installation with a demonstration journal, "The Meridian Review": articles, contributors and
// photographs that are embedded in the binary, dated as if they had been published up to today.
//
// Promises:
//   - The texts are original and were written for this project; their authors and every person who speaks in them are
//     invented. Every photograph has its credit and the terms under which it may be shown (photos.toml).
//   - Sponsors are invented, and their pictures were drawn for this project; their links lead into the journal.
//   - Filling twice changes nothing: what is there stays, whatever the newsroom or time has done to it.
//   - Only an article that says so lies in the future, so that there is one to watch appear.
//   - Generated articles, for load, depend on nothing but their number and the moment of filling, and say of
//     themselves what they are.
package demo
