// Package follows keeps what readers want to hear of: topics, countries and contributors, and searches they saved.
//
// Promises:
//   - A reader follows a term once, and saves a search once, however often they ask. Both have an end: see MaxTerms and
//     MaxSearches.
//   - What a reader follows is theirs: it is in the export of their data, and goes with them.
//   - A search is kept as its address says it ("q=grain&topic=trade"); what it means is for package search to know.
package follows
