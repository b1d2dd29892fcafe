// Package search finds articles: by their words, by what they are filed under, by what they are like.
//
// Promises:
//   - The wall holds (W-22). Single words find gated articles for everyone, that is how people learn what to subscribe
//     to. Phrases, prefixes and nearness reach a text only as far as the viewer may read it by standing: the title, the
//     standfirst and the teaser of everything, the whole of what is open to them under the rules of the publication at
//     the moment of the query. Totals, facets and exclusions are counted under the same restriction; snippets are cut
//     from what library.Body gives against a decision, or from the teaser; corrections and suggestions are made of
//     words that were public.
//   - What readers may not see is never found: a deleted or withdrawn article not from the next change on, a scheduled
//     one from its minute on.
//   - An index is a folder of files that are written once, beside the database, and can be thrown away at any time:
//     missing, old or damaged it is built anew in the background, and until then titles are searched in the database.
//     Killed at any moment, it ends as a fresh build would.
//   - A query is never refused. What is no syntax is words.
package search
