// Package library keeps the articles of the publication and what they are filed under: sections, topics, countries
// and their regions, series, contributors.
//
// Promises:
//   - A reader's query never shows a draft, nor an article before its time. An article has a moment from which it is
//     shown (articles.shown, never for a draft); every reading query compares it with the clock, so a scheduled article
//     appears at its minute without a restart.
//   - Body is the one function that hands out the text, and only against a decision of package access that opens that
//     article. No type of this package but Draft, which goes in, has a field for it: Teaser is cut when an article is
//     saved, lives in another table than the text, and is never the whole of it.
//   - Save is the one way in: it sanitizes, sets footnotes and tables, cuts the teaser, finds or makes the terms, keeps
//     slugs unique and the old ones alive, counts the version and writes the change log, in one transaction (new terms are
//     made in one before it: see makeTerms). What is the same as before changes nothing.
//   - Listings walk an index from a cursor: page 1,000 costs what page 1 costs.
package library
