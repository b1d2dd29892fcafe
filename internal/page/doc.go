// Package page turns typed structs into pages and serves them fast: templates checked against their structs at start,
// a catalogue of texts, assets under a content hash, and shared pages that are rendered and compressed once and
// served many times, with holes for what is personal.
package page
